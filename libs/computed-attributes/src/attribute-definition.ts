import type { Condition } from './conditions/condition.js';

/** What is made of the values of the events that count. */
export const AGGREGATES = [
  'SUM',
  'COUNT',
  'MIN',
  'MAX',
  'AVG',
  'FIRST',
  'MOST_RECENT',
  'LIST',
  'COUNT_DISTINCT',
] as const;
export type Aggregate = (typeof AGGREGATES)[number];

export const WINDOW_UNITS = ['HOURS', 'DAYS', 'WEEKS', 'MONTHS'] as const;
export type WindowUnit = (typeof WINDOW_UNITS)[number];

/** How far the window reaches back from the moment of reading. Both ends are in. */
export interface Window {
  readonly count: number;
  readonly unit: WindowUnit;
}

/** The most of each unit, as the reference platform has it; at least 1. */
export const LONGEST_WINDOW: Readonly<Record<WindowUnit, number>> = { HOURS: 24, DAYS: 7, WEEKS: 4, MONTHS: 6 };

/** Which elements of an array in the event count. */
export interface ElementFilter {
  /** Of the array's elements: ends in `[*]`. The attribute's path begins with it. */
  readonly path: string;
  /** Its paths begin at the element. */
  readonly where: Condition;
}

/** The structured form of an attribute: what it is made of. */
export interface AttributeDefinition {
  readonly aggregate: Aggregate;
  /** Into the event; left out: `COUNT` counts events, or elements where `elements` names some. */
  readonly path?: string;
  /** Which events count; all by default. */
  readonly where?: Condition;
  readonly elements?: ElementFilter;
  /** Ids of the datasets whose events count; all by default. */
  readonly datasets?: readonly string[];
  /** Left out: the lifetime, which is everything that happened up to the moment of reading. */
  readonly window?: Window;
  /** Of `LIST`: how many values. */
  readonly limit?: number;
}

export const MAX_LIST = 100;
/** Of `LIST` where nothing is said. */
export const DEFAULT_LIST = 10;
