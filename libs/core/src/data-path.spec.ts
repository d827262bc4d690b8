import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { EACH, formatPath, parsePath, parsePathList, valueAt, valuesAt, type DataPath } from './data-path.js';
import type { JsonValue } from './json.js';

const step = fc.oneof(fc.string(), fc.nat(999), fc.constant(EACH));

describe('parsePath', () => {
  it.each<[string, DataPath]>([
    ['name', ['name']],
    ['person.name.first', ['person', 'name', 'first']],
    ['items[*].sku', ['items', EACH, 'sku']],
    ['items[3].sku', ['items', 3, 'sku']],
    ['["a.b"].c', ['a.b', 'c']],
    ['x["a.b"]["\\"]"]', ['x', 'a.b', '"]']],
    ['_id', ['_id']],
    ['__proto__.x', ['__proto__', 'x']],
  ])('reads %s', (text, path) => {
    expect(parsePath(text)).toEqual(path);
  });

  it.each(['', '.', 'a.', '.a', 'a..b', 'a[', 'a[]', 'a]', 'a["b]', 'a.[0]', 'a[*]b', '["\\x"]', 'a,b', ' a'])(
    'refuses %j',
    (text) => {
      expect(parsePath(text)).toBeUndefined();
    },
  );

  it('is the reverse of formatPath', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1 }), (path) => {
        expect(parsePath(formatPath(path))).toEqual(path);
      }),
    );
  });
});

describe('parsePathList', () => {
  it('reads several paths, also with commas in their keys', () => {
    expect(parsePathList('name.first,["a,b"].c,tags')).toEqual([['name', 'first'], ['a,b', 'c'], ['tags']]);
  });

  it.each([',', 'a,', ',a', 'a,,b'])('refuses %j', (text) => {
    expect(parsePathList(text)).toBeUndefined();
  });
});

describe('valueAt and valuesAt', () => {
  const data = { name: { first: 'Ona' }, items: [{ sku: 'a' }, {}, { sku: 'b' }], 'a.b': 1 };

  it('follow keys, indexes and every element', () => {
    expect(valueAt(data, ['name', 'first'])).toBe('Ona');
    expect(valueAt(data, ['items', 2, 'sku'])).toBe('b');
    expect(valueAt(data, ['a.b'])).toBe(1);
    expect(valuesAt(data, ['items', EACH, 'sku'])).toEqual([
      { path: ['items', 0, 'sku'], value: 'a' },
      { path: ['items', 2, 'sku'], value: 'b' },
    ]);
    expect(valueAt(data, ['items', EACH, 'sku'])).toBe('a');
  });

  it('find nothing through a value of another type, nor among inherited names', () => {
    expect(valueAt(data, ['name', 0])).toBeUndefined();
    expect(valueAt(data, ['items', 'length'])).toBeUndefined();
    expect(valueAt(data, ['constructor'])).toBeUndefined();
    expect(valueAt(data, ['__proto__', 'toString'])).toBeUndefined();
    expect(valuesAt(data, ['name', EACH])).toEqual([]);
  });

  it('read a member that is called __proto__', () => {
    expect(valueAt(JSON.parse('{"__proto__":{"x":1}}') as JsonValue, ['__proto__', 'x'])).toBe(1);
  });
});
