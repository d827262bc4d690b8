import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import type { JsonObject } from '#core';

import { attributeDifferences } from './attribute-differences.js';

describe('differences of two views', () => {
  it('are told leaf by leaf, with the values on both sides', () => {
    const before = { city: 'Rome', name: { first: 'Ona', last: 'Li' }, tags: ['a'], home: { zip: '1' } };
    const after = { city: 'Oslo', name: { first: 'Ona' }, tags: ['a', 'b'], work: { zip: '2', 'a.b': 1 } };
    expect(attributeDifferences(before, after)).toEqual([
      { path: 'city', change: 'changed', before: 'Rome', after: 'Oslo' },
      { path: 'name.last', change: 'removed', before: 'Li' },
      { path: 'tags', change: 'changed', before: ['a'], after: ['a', 'b'] },
      { path: 'home.zip', change: 'removed', before: '1' },
      { path: 'work.zip', change: 'added', after: '2' },
      { path: 'work["a.b"]', change: 'added', after: 1 },
    ]);
  });

  it('are the whole node where one has an object and the other none', () => {
    expect(attributeDifferences({ home: 'Rome' }, { home: { city: 'Rome' } })).toEqual([
      { path: 'home', change: 'changed', before: 'Rome', after: { city: 'Rome' } },
    ]);
  });

  it('take constructor and __proto__ for ordinary keys', () => {
    const after = JSON.parse('{"__proto__":{"a":1},"constructor":2}') as JsonObject;
    expect(attributeDifferences({}, after).map(({ path }) => path)).toEqual(['__proto__.a', 'constructor']);
  });

  it('are none of a view with itself, and turn around with the views', () => {
    const view = fc.dictionary(fc.constantFrom('a', 'b'), fc.jsonValue({ maxDepth: 2 })) as fc.Arbitrary<JsonObject>;
    fc.assert(
      fc.property(view, view, (one, other) => {
        expect(attributeDifferences(one, structuredClone(one))).toEqual([]);
        const there = attributeDifferences(one, other).map(({ path }) => path);
        const back = attributeDifferences(other, one).map(({ path }) => path);
        expect(new Set(back)).toEqual(new Set(there));
      }),
    );
  });
});
