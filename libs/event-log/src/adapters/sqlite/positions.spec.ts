import { describe, expect, it } from '@jest/globals';

import { POSITION_START } from '#core';

import { fromPosition, toPosition } from './positions.js';

describe('positions', () => {
  it.each([
    [1, '000000000001'],
    [255, '0000000000ff'],
    [2 ** 48 - 1, 'ffffffffffff'],
  ])('of number %d', (number, position) => {
    expect(toPosition(number)).toBe(position);
    expect(fromPosition(position)).toBe(number);
  });

  it('begin before the first event', () => {
    expect(toPosition(0)).toBe(POSITION_START);
    expect(fromPosition(POSITION_START)).toBe(0);
  });

  it.each(['0', '00000000000G', '0000000000001', 'FFFFFFFFFFFF', ' 00000000001'])('are not "%s"', (text) => {
    expect(() => fromPosition(text)).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST' }));
  });
});
