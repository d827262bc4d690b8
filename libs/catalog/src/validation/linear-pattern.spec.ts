import { describe, expect, it } from '@jest/globals';

import { linearPattern, patternFault } from './linear-pattern.js';

describe('linearPattern', () => {
  it.each([
    ['^[A-Z]{2}$', 'GB', 'gb'],
    ['^[0-9]{5,6}[A-Z]?$', '85123A', '8512'],
    ['^\\p{L}+$', 'Zoë', 'Zoë1'],
    ['^\\u0041+$', 'AA', 'B'],
    ['b', 'abc', 'ac'],
  ])('%s takes %j and not %j', (pattern, good, bad) => {
    expect(linearPattern(pattern).test(good)).toBe(true);
    expect(linearPattern(pattern).test(bad)).toBe(false);
  });

  it('does not explode where a backtracking engine takes minutes', () => {
    expect(linearPattern('^(a+)+$').test(`${'a'.repeat(50_000)}b`)).toBe(false);
    expect(linearPattern('^(a|b|ab)*c$').test('ab'.repeat(25_000))).toBe(false);
  });

  it.each(['(?=a)b', '(a)\\1', '(', '[', 'a{1001}', '(a{1,40}){1,40}', '(a{30}){30}', 'x'.repeat(513)])(
    'refuses %s',
    (pattern) => {
      expect(patternFault(pattern)).toEqual(expect.any(String));
    },
  );
});
