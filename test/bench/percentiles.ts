/** What a list of latencies comes to, in milliseconds. */
export interface LatencySummary {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/**
 * Nearest rank: the smallest value that at least `percent` of all values do not exceed. No interpolation, so the answer
 * is always a value that was measured. `sorted` ascends and is not empty; `percent` is over 0 and at most 100.
 */
export function percentile(sorted: Float64Array, percent: number): number {
  const rank = Math.ceil((percent / 100) * sorted.length);
  const value = sorted[Math.max(rank, 1) - 1];
  if (value === undefined) throw new RangeError('a percentile of nothing');
  return value;
}

/** `undefined` when nothing was measured. */
export function summarize(milliseconds: readonly number[]): LatencySummary | undefined {
  if (milliseconds.length === 0) return undefined;
  const sorted = Float64Array.from(milliseconds).sort();
  return {
    count: sorted.length,
    p50: percentile(sorted, 50),
    p99: percentile(sorted, 99),
    max: percentile(sorted, 100),
  };
}
