import { types } from 'node:util';

import { AbstractCursor, Collection } from 'mongodb';

/** Makes of a promise of the driver one that ends in time. */
export type Watch = <T>(promise: Promise<T>) => Promise<T>;

/** The same object of the driver; what it promises, itself or through collections and cursors that it gives, is watched. */
export function inTime<T extends object>(target: T, watch: Watch): T {
  return new Proxy(target, {
    get(object, name) {
      const value: unknown = Reflect.get(object, name, object);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]): unknown => {
        const result: unknown = Reflect.apply(value, object, given);
        if (types.isPromise(result)) return watch(result);
        return result instanceof Collection || result instanceof AbstractCursor ? inTime(result, watch) : result;
      };
    },
  });
}
