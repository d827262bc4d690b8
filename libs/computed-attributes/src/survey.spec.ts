import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { MAX_RANKED, Survey } from './survey.js';

function surveyOf(values: readonly number[]): Survey {
  const survey = new Survey();
  values.forEach((value, index) => survey.add({ value, profile: String(index).padStart(6, '0') }));
  return survey;
}

describe('a survey of values', () => {
  it('has the highest and the lowest of however many there are', () => {
    const values = Array.from({ length: 5_000 }, (_, index) => (index * 7_919) % 5_003);
    const survey = surveyOf(values);
    const sorted = [...values].sort((a, b) => b - a);
    expect(survey.ranked('desc', MAX_RANKED).map(({ value }) => value)).toEqual(sorted.slice(0, MAX_RANKED));
    expect(survey.ranked('asc', 3).map(({ value }) => value)).toEqual(sorted.slice(-3).reverse());
  });

  it('has exact extremes and counts, and quantiles within 1%', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.integer({ min: -1_000_000, max: 1_000_000 }).map((cents) => cents / 100),
          { minLength: 1 },
        ),
        (values) => {
          const { count, min, max, mean, quantiles, histogram } = surveyOf(values).distribution();
          const sorted = [...values].sort((a, b) => a - b);
          expect([count, min, max]).toEqual([sorted.length, sorted[0], sorted.at(-1)]);
          expect(mean).toBeCloseTo(sorted.reduce((sum, one) => sum + one, 0) / count, 6);
          for (const [percent, found] of [
            [5, quantiles?.p5],
            [50, quantiles?.p50],
            [99, quantiles?.p99],
          ] as const) {
            const wanted = sorted[Math.max(1, Math.ceil((percent / 100) * count)) - 1] as number;
            expect(Math.abs((found as number) - wanted)).toBeLessThanOrEqual(Math.abs(wanted) * 0.0101 + 1e-9);
          }
          expect(histogram.reduce((sum, bin) => sum + bin.count, 0)).toBe(count);
        },
      ),
    );
  });

  it('of nothing is empty', () => {
    expect(surveyOf([]).distribution()).toEqual({ count: 0, quantiles: undefined, histogram: [] });
  });
});
