import { describe, expect, it } from '@jest/globals';

import { keyRanges } from './key-ranges.js';

describe('key ranges', () => {
  it('are one for few profiles', () => {
    expect(keyRanges(0)).toEqual(['']);
    expect(keyRanges(2_000)).toEqual(['']);
  });

  it('are narrower the more profiles there are, and cover every key once', () => {
    const some = keyRanges(2_001);
    expect([some.length, some[0], some[10], some.at(-1)]).toEqual([256, '00', '0a', 'ff']);
    const many = keyRanges(10_000_000);
    expect([many.length, many[0], many.at(-1), new Set(many).size]).toEqual([65_536, '0000', 'ffff', 65_536]);
  });

  it('stay as they were begun', () => {
    expect(keyRanges(0, 2)).toHaveLength(256);
    expect(keyRanges(1_000_000, 0)).toEqual(['']);
  });
});
