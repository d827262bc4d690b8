import type { JsonObject } from '#core';

/** An attribute of the bench, as it is put. */
export interface BenchAttribute {
  readonly name: string;
  readonly body: JsonObject;
}

const PURCHASES = { path: 'eventType', op: '=', value: 'commerce.purchases' };
const BULK = { and: [PURCHASES, { path: 'quantity', op: '>=', value: 10 }] };

/** What shops ask for, in every aggregate; each of these is put once for every window below. */
const KINDS = [
  { aggregate: 'SUM', path: 'priceTotal' },
  { aggregate: 'COUNT', where: PURCHASES },
  { aggregate: 'MOST_RECENT', path: 'sku', where: PURCHASES },
  { aggregate: 'MAX', path: 'priceTotal', where: PURCHASES },
  { aggregate: 'AVG', path: 'unitPrice', where: BULK },
] as const;

/** Lifetimes first, then windows on every level of slots. */
const WINDOWS = [
  undefined,
  { count: 3, unit: 'MONTHS' },
  { count: 7, unit: 'DAYS' },
  { count: 4, unit: 'WEEKS' },
  { count: 24, unit: 'HOURS' },
] as const;

/** 25: with 10 of them every kind has a lifetime and one window. */
export const BENCH_ATTRIBUTES: readonly BenchAttribute[] = WINDOWS.flatMap((window, at) =>
  KINDS.map((kind, index) => ({ name: `a${at * KINDS.length + index}`, body: { ...kind, ...(window && { window }) } })),
);
