import { describe, expect, it } from '@jest/globals';

import { eventIds } from './event-ids.js';

const VERSION_8 = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('event ids', () => {
  it('are the random bytes with version and variant set, then a count', () => {
    const ids = eventIds(2, (size) => new Uint8Array(size).fill(0xff));
    expect(ids).toEqual(['ffffffff-ffff-8fff-bfff-ffff00000000', 'ffffffff-ffff-8fff-bfff-ffff00000001']);
  });

  it('are version 8 whatever the random bytes say', () => {
    const ids = eventIds(1, (size) => new Uint8Array(size));
    expect(ids).toEqual(['00000000-0000-8000-8000-000000000000']);
  });

  it('never repeat within a request or between two', () => {
    const ids = [...eventIds(300), ...eventIds(300)];
    expect(new Set(ids).size).toBe(600);
    expect(ids.filter((id) => !VERSION_8.test(id))).toEqual([]);
  });

  it('sort in the order of their request', () => {
    const ids = eventIds(300);
    expect([...ids].sort()).toEqual(ids);
  });

  it.each([-1, 1.5, 2 ** 32 + 1])('are not minted for a count of %d', (count) => {
    expect(() => eventIds(count)).toThrow(RangeError);
  });
});
