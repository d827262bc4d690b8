import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { canonicalJson } from './canonical-json.js';
import type { JsonValue } from './json.js';

describe('canonical JSON', () => {
  it('sorts keys by UTF-16 code unit at every level and leaves arrays in order', () => {
    expect(canonicalJson({ b: [{ z: 1, a: 2 }], a: 'x', '€': 1, é: 2 })).toBe(
      '{"a":"x","b":[{"a":2,"z":1}],"é":2,"€":1}',
    );
  });

  it('keeps keys with commas apart from lists of keys', () => {
    expect(canonicalJson({ a: 1, b: 2 })).toBe('{"a":1,"b":2}');
    expect(canonicalJson({ 'a,b': 1 })).toBe('{"a,b":1}');
    expect(canonicalJson({ 'b,a': 1, a: 2 })).toBe('{"a":2,"b,a":1}');
    expect(canonicalJson({ b: 1, 'a,a': 2 })).toBe('{"a,a":2,"b":1}');
  });

  it('keeps __proto__ as a key', () => {
    expect(canonicalJson(JSON.parse('{"__proto__":1}') as JsonValue)).toBe('{"__proto__":1}');
  });

  it('has equal text for equal values in any key order, and parses back to the value', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
        const reversed = Object.fromEntries(Object.entries(object).reverse());
        expect(canonicalJson(reversed as JsonValue)).toBe(canonicalJson(object as JsonValue));
        expect(JSON.parse(canonicalJson(object as JsonValue))).toEqual(JSON.parse(JSON.stringify(object)));
      }),
    );
  });
});
