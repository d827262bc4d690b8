import { describe, expect, it } from '@jest/globals';

import { windowStart } from './window.js';

const monthsBack = (count: number, at: string) =>
  new Date(windowStart({ count, unit: 'MONTHS' }, Date.parse(at))).toISOString();

describe('a window of months', () => {
  it.each([
    [1, '2024-03-31T10:00:00.123Z', '2024-02-29T10:00:00.123Z'],
    [1, '2023-03-29T10:00:00.000Z', '2023-02-28T10:00:00.000Z'],
    [1, '2024-03-29T00:00:00.000Z', '2024-02-29T00:00:00.000Z'],
    [6, '2024-08-31T23:59:59.999Z', '2024-02-29T23:59:59.999Z'],
    [3, '2011-12-09T12:50:00.000Z', '2011-09-09T12:50:00.000Z'],
    [2, '2024-01-31T00:00:00.000Z', '2023-11-30T00:00:00.000Z'],
    [6, '1970-01-01T00:00:00.000Z', '1969-07-01T00:00:00.000Z'],
    [1, '0001-03-31T00:00:00.000Z', '0001-02-28T00:00:00.000Z'],
  ])('of %p, read at %s, begins at %s', (count, at, start) => {
    expect(monthsBack(count, at)).toBe(start);
  });
});

describe('other windows', () => {
  it('have one length', () => {
    expect(windowStart({ count: 2, unit: 'HOURS' }, 10_000_000)).toBe(2_800_000);
    expect(windowStart({ count: 4, unit: 'WEEKS' }, 0)).toBe(-4 * 7 * 86_400_000);
    expect(windowStart(undefined, 0)).toBe(-Infinity);
  });
});
