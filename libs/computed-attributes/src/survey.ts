/** One of several values and whose it is. */
export interface Ranked {
  readonly value: number;
  /** Profile id. */
  readonly profile: string;
}

/** Values between two bounds, `from` inclusive; `to` inclusive in the last bin. */
export interface Bin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** How the values of an attribute lie. */
export interface Distribution {
  readonly count: number;
  readonly min?: number;
  readonly max?: number;
  readonly mean?: number;
  /** By percent; within 1% of the value. */
  readonly quantiles: Readonly<Record<(typeof QUANTILES)[number], number>> | undefined;
  readonly histogram: readonly Bin[];
}

export const QUANTILES = ['p5', 'p25', 'p50', 'p75', 'p95', 'p99'] as const;

/** As many as one list has at most. */
export const MAX_RANKED = 1_000;
const BINS = 20;
/** Buckets grow by this: a value is known within half a step of the logarithm, which is 1%. */
const GAMMA = 1.02;
const LOG_GAMMA = Math.log(GAMMA);

/** Gathers the values of all profiles in memory that does not grow with their number: extremes, and counts by magnitude. */
export class Survey {
  readonly #highest = new Extremes((one, other) => other.value - one.value);
  readonly #lowest = new Extremes((one, other) => one.value - other.value);
  /** By bucket: of positive values n, of negative ones in `#negative`. */
  readonly #positive = new Map<number, number>();
  readonly #negative = new Map<number, number>();
  #zeros = 0;
  #count = 0;
  #mean = 0;

  add(ranked: Ranked): void {
    const { value } = ranked;
    this.#count += 1;
    this.#mean += (value - this.#mean) / this.#count;
    this.#highest.add(ranked);
    this.#lowest.add(ranked);
    if (value === 0) this.#zeros += 1;
    else countIn(value > 0 ? this.#positive : this.#negative, bucketOf(Math.abs(value)));
  }

  /** Equal values in the order of their profiles' ids. */
  ranked(order: 'asc' | 'desc', limit: number): readonly Ranked[] {
    return (order === 'desc' ? this.#highest : this.#lowest).sorted().slice(0, limit);
  }

  distribution(): Distribution {
    const [lowest] = this.#lowest.sorted();
    const [highest] = this.#highest.sorted();
    if (lowest === undefined || highest === undefined) return { count: 0, quantiles: undefined, histogram: [] };
    const [min, max] = [lowest.value, highest.value];
    const buckets = this.#ascending().map(([value, count]) => [Math.min(Math.max(value, min), max), count] as const);
    const at = (percent: number): number => quantile(buckets, (percent / 100) * this.#count);
    const quantiles = { p5: at(5), p25: at(25), p50: at(50), p75: at(75), p95: at(95), p99: at(99) };
    return { count: this.#count, min, max, mean: this.#mean, quantiles, histogram: histogram(buckets, min, max) };
  }

  /** A value for every bucket with the number of values in it. */
  #ascending(): readonly (readonly [value: number, count: number])[] {
    const negative = [...this.#negative]
      .sort(([a], [b]) => b - a)
      .map(([at, count]) => [-middleOf(at), count] as const);
    const positive = [...this.#positive].sort(([a], [b]) => a - b).map(([at, count]) => [middleOf(at), count] as const);
    return [...negative, ...(this.#zeros > 0 ? [[0, this.#zeros] as const] : []), ...positive];
  }
}

/** The first so many in some order; twice as many are held before the others go. */
class Extremes {
  #held: Ranked[] = [];

  constructor(private readonly order: (one: Ranked, other: Ranked) => number) {}

  add(ranked: Ranked): void {
    this.#held.push(ranked);
    if (this.#held.length >= 2 * MAX_RANKED) this.#held = this.sorted().slice(0, MAX_RANKED);
  }

  sorted(): Ranked[] {
    return [...this.#held].sort(
      (one, other) =>
        this.order(one, other) || (one.profile < other.profile ? -1 : one.profile > other.profile ? 1 : 0),
    );
  }
}

function countIn(buckets: Map<number, number>, bucket: number): void {
  buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1);
}

function bucketOf(magnitude: number): number {
  return Math.round(Math.log(magnitude) / LOG_GAMMA);
}

function middleOf(bucket: number): number {
  return Math.exp(bucket * LOG_GAMMA);
}

/** The value that so many values do not exceed. */
function quantile(buckets: readonly (readonly [value: number, count: number])[], rank: number): number {
  let passed = 0;
  for (const [value, count] of buckets) {
    passed += count;
    if (passed >= rank) return value;
  }
  return buckets.at(-1)?.[0] ?? 0;
}

/** Bins of one width, those without values included. */
function histogram(
  buckets: readonly (readonly [value: number, count: number])[],
  min: number,
  max: number,
): readonly Bin[] {
  const width = (max - min) / BINS;
  if (width === 0) return [{ from: min, to: max, count: buckets.reduce((sum, [, count]) => sum + count, 0) }];
  const counts = new Array<number>(BINS).fill(0);
  for (const [value, count] of buckets) {
    const index = Math.min(BINS - 1, Math.floor((value - min) / width));
    counts[index] = (counts[index] ?? 0) + count;
  }
  return counts.map((count, index) => ({
    from: min + index * width,
    to: index === BINS - 1 ? max : min + (index + 1) * width,
    count,
  }));
}
