import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { LruMap } from './lru-map.js';

const LIMIT = 6;

describe('LruMap', () => {
  it('has the last half of its limit of entries that were used, with their newest values, and no more than its limit', () => {
    const use = fc.record({ key: fc.nat(12), value: fc.nat() });
    fc.assert(
      fc.property(fc.array(use, { maxLength: 60 }), (uses) => {
        const map = new LruMap<number, number>(LIMIT);
        const written = new Map<number, number>();
        for (const { key, value } of uses) {
          map.set(key, value);
          written.delete(key);
          written.set(key, value);
        }
        const recent = [...written].slice(-LIMIT / 2);
        for (const [key, value] of recent) expect(map.get(key)).toBe(value);
        const present = [...written].filter(([key]) => map.get(key) !== undefined);
        expect(present.length).toBeLessThanOrEqual(LIMIT);
      }),
    );
  });

  it('keeps what is read again and again', () => {
    const map = new LruMap<string, number>(LIMIT);
    map.set('kept', 1);
    for (let i = 0; i < 100; i += 1) {
      map.set(`other ${String(i)}`, i);
      expect(map.get('kept')).toBe(1);
    }
  });

  it('forgets what is deleted, in either generation', () => {
    const map = new LruMap<string, number>(2);
    map.set('a', 1);
    map.set('b', 2);
    map.delete('a');
    map.delete('b');
    expect([map.get('a'), map.get('b')]).toEqual([undefined, undefined]);
  });

  it('keeps nothing with a limit of none', () => {
    const map = new LruMap<string, number>(0);
    map.set('a', 1);
    expect(map.get('a')).toBeUndefined();
  });
});
