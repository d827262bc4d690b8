import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { percentile, summarize } from './percentiles.js';

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe('percentiles', () => {
  it.each([
    [100, 50, 50],
    [100, 99, 99],
    [100, 100, 100],
    [101, 50, 51],
    [1000, 99, 990],
    [10, 99, 10],
    [1, 50, 1],
  ])('of the numbers from 1 to %i, %i percent do not exceed %i', (count, percent, value) => {
    expect(percentile(Float64Array.from(upTo(count)), percent)).toBe(value);
  });

  it('does not depend on the order in which latencies came in', () => {
    expect(summarize([30, 9, 100, 2])).toEqual({ count: 4, p50: 9, p99: 100, max: 100 });
  });

  it('knows nothing of nothing', () => {
    expect(summarize([])).toBeUndefined();
    expect(() => percentile(new Float64Array(0), 50)).toThrow(RangeError);
  });

  it('is the smallest value that so many do not exceed', () => {
    const latencies = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(latencies, fc.integer({ min: 1, max: 100 }), (values, percent) => {
        const sorted = Float64Array.from(values).sort();
        const answer = percentile(sorted, percent);

        const atMost = values.filter((value) => value <= answer).length;
        const below = values.filter((value) => value < answer).length;
        expect(atMost / values.length).toBeGreaterThanOrEqual(percent / 100 - 1e-12);
        expect(below / values.length).toBeLessThan(percent / 100);
      }),
    );
  });
});
