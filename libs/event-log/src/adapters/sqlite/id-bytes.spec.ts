import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { eventIds } from '../../event-ids.js';
import { packIds, unpackIds } from './id-bytes.js';

function roundTrip(ids: readonly string[]): string[] {
  const idAt = unpackIds(packIds(ids), ids.length);
  return ids.map((_, index) => idAt(index));
}

const ids = eventIds(400);

describe('packed event ids', () => {
  it.each([
    ['that count up take 16 bytes together', ids, 16],
    ['that count up from any number take 16 bytes together', ids.slice(100), 16],
    ['that share their beginning take 4 bytes each', [...ids].reverse(), 12 + 4 * 400],
    ['that share nothing take 16 bytes each', [...ids, ...eventIds(1)], 16 * 401],
    ['alone take 16 bytes', ids.slice(7, 8), 16],
  ])('%s', (_name, given, bytes) => {
    expect(packIds(given)).toHaveLength(bytes);
    expect(roundTrip(given)).toEqual(given);
  });

  it('do not count past the end of their numbers', () => {
    const given = ['00000000-0000-8000-8000-0000ffffffff', '00000000-0000-8000-8000-000000000000'];
    expect(packIds(given)).toHaveLength(12 + 4 * 2);
    expect(roundTrip(given)).toEqual(given);
  });

  it('read back as they were, whatever they were', () => {
    const near = fc.nat(5).map((number) => `00000000-0000-8000-8000-00000000000${number}`);
    fc.assert(
      fc.property(fc.array(fc.oneof(near, fc.uuid()), { minLength: 1, maxLength: 20 }), (given) => {
        expect(roundTrip(given)).toEqual(given);
      }),
    );
  });
});
