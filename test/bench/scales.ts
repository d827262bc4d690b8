import type { EngineChoice } from './engines.js';
import type { Part } from './report.js';

/** How much is sent, and how fast, in one run. */
export interface Scales {
  readonly parts: readonly Part[];
  readonly itemsPerRequest: number;
  readonly connections: number;
  readonly warmUpItems: number;
  readonly warmUpLookups: number;
  readonly steadyItemsPerSecond: number;
  readonly steadyItemsPerRequest: number;
  readonly steadySeconds: number;
  readonly lookupsPerSecond: number;
  /** How many of the profiles are looked up, spread evenly over all of them. */
  readonly lookupProfiles: number;
  /** Items of the saturated phase: half of what was loaded, within these bounds. */
  readonly saturatedItems: { readonly least: number; readonly most: number };
}

/** Twenty seconds give 2,000 lags and 20,000 lookups: a p99 of twenty and of two hundred values. */
export const FULL_SCALES: Scales = {
  parts: ['a tenth', 'a half', 'all'],
  itemsPerRequest: 2_000,
  connections: 2,
  warmUpItems: 20_000,
  warmUpLookups: 5_000,
  steadyItemsPerSecond: 2_000,
  steadyItemsPerRequest: 20,
  steadySeconds: 20,
  lookupsPerSecond: 1_000,
  lookupProfiles: 20_000,
  saturatedItems: { least: 50_000, most: 250_000 },
};

/** For a look in under a minute: the tails are of few values. */
const QUICK_SCALES: Scales = {
  ...FULL_SCALES,
  parts: ['a twentieth'],
  warmUpItems: 5_000,
  steadySeconds: 5,
  saturatedItems: { least: 20_000, most: 20_000 },
};

/** Servers are a network away: a tenth of the file takes them as long as the whole file takes the embedded engines. */
export function scalesOf(engines: EngineChoice, quick: boolean): Scales {
  const scales = quick ? QUICK_SCALES : FULL_SCALES;
  if (engines === 'embedded') return scales;
  return { ...scales, parts: quick ? scales.parts : ['a tenth'], steadyItemsPerSecond: 1_000, lookupsPerSecond: 200 };
}
