import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import type { JsonObject, JsonValue } from '#core';

import { applyPatch, type Patch } from './patch.js';

const patch = (over: Partial<Patch>): Patch => ({ data: {}, append: [], unset: [], ...over });
const FRAGMENT: JsonObject = { name: { first: 'Ona', last: 'Li' }, tags: ['a'], phone: '1' };

describe('a patch', () => {
  it.each<[string, Partial<Patch>, JsonObject]>([
    [
      'merges objects key by key',
      { data: { name: { last: 'Ray' } } },
      { ...FRAGMENT, name: { first: 'Ona', last: 'Ray' } },
    ],
    ['replaces scalars and arrays', { data: { phone: '2', tags: ['b'] } }, { ...FRAGMENT, phone: '2', tags: ['b'] }],
    ['appends', { append: [{ path: ['tags'], items: ['b', 'a'] }] }, { ...FRAGMENT, tags: ['a', 'b', 'a'] }],
    [
      'appends where there is no array yet',
      { append: [{ path: ['more', 'tags'], items: ['b'] }] },
      { ...FRAGMENT, more: { tags: ['b'] } },
    ],
    ['removes', { unset: [['phone'], ['name', 'last']] }, { name: { first: 'Ona' }, tags: ['a'] }],
    ['removes what is not there without effect', { unset: [['x'], ['phone', 'x'], ['x', 'y']] }, FRAGMENT],
    [
      'removes first, then merges, then appends',
      { unset: [['name'], ['tags']], data: { name: { last: 'Ray' } }, append: [{ path: ['tags'], items: ['b'] }] },
      { name: { last: 'Ray' }, tags: ['b'], phone: '1' },
    ],
    [
      'puts an object in the place of a scalar',
      { data: { phone: { home: '1' } } },
      { ...FRAGMENT, phone: { home: '1' } },
    ],
  ])('%s', (_what, over, expected) => {
    expect(applyPatch(FRAGMENT, patch(over))).toEqual(expected);
  });

  it('takes __proto__ and constructor for ordinary keys', () => {
    const before = JSON.parse('{"__proto__":{"a":1,"b":1}}') as JsonObject;
    const data = JSON.parse('{"__proto__":{"c":1},"constructor":{"prototype":{"x":1}}}') as JsonObject;
    const after = applyPatch(before, patch({ data, unset: [['__proto__', 'b'], ['toString']] }));
    expect(JSON.stringify(after)).toBe('{"__proto__":{"a":1,"c":1},"constructor":{"prototype":{"x":1}}}');
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
    const appended = applyPatch({}, patch({ append: [{ path: ['__proto__', 'list'], items: [1] }] }));
    expect(JSON.stringify(appended)).toBe('{"__proto__":{"list":[1]}}');
  });

  it('changes nothing in place', () => {
    const value: fc.Arbitrary<JsonValue> = fc.letrec<{ tree: JsonValue }>((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        fc.integer(),
        fc.array(fc.integer(), { maxLength: 2 }),
        fc.dictionary(fc.constantFrom('a', 'b', '__proto__'), tie('tree'), { maxKeys: 3 }),
      ),
    })).tree;
    const object = fc.dictionary(fc.constantFrom('a', 'b', '__proto__'), value) as fc.Arbitrary<JsonObject>;
    const path = fc.array(fc.constantFrom('a', 'b', '__proto__'), { minLength: 1, maxLength: 3 });
    const append = fc.array(fc.record({ path, items: fc.array(fc.integer(), { maxLength: 2 }) }), { maxLength: 2 });
    fc.assert(
      fc.property(
        object,
        fc.record({ data: object, append, unset: fc.array(path, { maxLength: 2 }) }),
        (before, one) => {
          const text = JSON.stringify([before, one]);
          const after = applyPatch(before, one);
          expect(JSON.stringify([before, one])).toBe(text);
          // The same data again changes nothing but for what is appended.
          const again = patch({ data: one.data });
          expect(applyPatch(applyPatch(after, again), again)).toEqual(applyPatch(after, again));
        },
      ),
    );
  });
});
