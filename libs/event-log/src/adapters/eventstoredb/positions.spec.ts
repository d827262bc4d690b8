import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { POSITION_START } from '#core';

import { distanceBetween, fromPosition, knownPosition, toPosition } from './positions.js';

const place = fc.record({
  commit: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
  prepare: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
});

describe('positions in EventStoreDB', () => {
  it('come back as they were, and sort as text as they do as numbers', () => {
    fc.assert(
      fc.property(place, place, (a, b) => {
        expect(fromPosition(toPosition(a))).toEqual(a);
        const inOrder = a.commit < b.commit || (a.commit === b.commit && a.prepare < b.prepare);
        expect(toPosition(a) < toPosition(b)).toBe(inOrder);
        expect(toPosition(a) > POSITION_START).toBe(true);
      }),
    );
  });

  it('are not known where the server sends the largest number', () => {
    expect(knownPosition({ commit: 2n ** 64n - 1n, prepare: 2n ** 64n - 1n })).toBeUndefined();
    expect(knownPosition(undefined)).toBeUndefined();
    expect(knownPosition({ commit: 1n, prepare: 1n })).toBe('00000000000000010000000000000001');
  });

  it.each(['x', '0', '0'.repeat(31), '0'.repeat(33), 'F'.repeat(32), 'g'.repeat(32), '8'.padEnd(32, '0')])(
    'are not %j',
    (text) => {
      expect(() => fromPosition(text)).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST' }));
    },
  );

  it('lie apart by bytes of log, the first event one from the start', () => {
    const at = (commit: bigint): string => toPosition({ commit, prepare: commit });
    expect(distanceBetween(POSITION_START, at(0n))).toBe(1);
    expect(distanceBetween(at(10n), at(250n))).toBe(240);
    expect(distanceBetween(at(7n), at(7n))).toBe(0);
  });
});
