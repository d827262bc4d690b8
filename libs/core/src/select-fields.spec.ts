import { describe, expect, it } from '@jest/globals';

import { parsePathList } from './data-path.js';
import type { JsonObject } from './json.js';
import { selectFields } from './select-fields.js';

const select = (object: JsonObject, fields: string): JsonObject => selectFields(object, parsePathList(fields)!);

describe('selectFields', () => {
  const profile = {
    name: { first: 'Ona', last: 'Ray' },
    tags: ['a', 'b'],
    orders: [{ sku: 'x', price: 1 }, { sku: 'y' }, 7],
    'a.b': { c: 1 },
  };

  it('keeps the shape around what is selected', () => {
    expect(select(profile, 'name.first,tags')).toEqual({ name: { first: 'Ona' }, tags: ['a', 'b'] });
  });

  it('takes the whole subtree when one path contains the other', () => {
    expect(select(profile, 'name.first,name')).toEqual({ name: { first: 'Ona', last: 'Ray' } });
    expect(select(profile, 'name,name.first')).toEqual({ name: { first: 'Ona', last: 'Ray' } });
  });

  it('steps into every element of an array, and into keys with dots', () => {
    expect(select(profile, 'orders[*].price,["a.b"].c')).toEqual({ orders: [{ price: 1 }], 'a.b': { c: 1 } });
    expect(select(profile, 'orders[1].sku')).toEqual({ orders: [{ sku: 'y' }] });
  });

  it('gives nothing for unknown and inherited paths', () => {
    expect(select(profile, 'nope,name.middle,tags.length,orders.sku,constructor,__proto__')).toEqual({});
  });

  it('selects a member that is called __proto__ without touching the prototype', () => {
    const selected = select(JSON.parse('{"__proto__":{"polluted":1}}') as JsonObject, '__proto__.polluted');
    expect(JSON.stringify(selected)).toBe('{"__proto__":{"polluted":1}}');
    expect(Object.getPrototypeOf(selected)).toBe(Object.prototype);
  });
});
