import type { JsonValue } from '#core';

import type { Decimal } from '../decimal.js';

/** When a value happened, and what decides between values of one moment: so any order of arrival gives one order. */
export interface Place {
  /** Epoch milliseconds. */
  readonly at: number;
  /** Of the event: the same whenever it comes, and no other has it. */
  readonly tie: string;
}

/** A value with its place, as partials keep it. `index`: among the values of one event. */
export type PlacedValue = readonly [at: number, tie: string, index: number, value: JsonValue];

/**
 * What a number of events come to, as JSON keeps it. Partials of one aggregate can be merged in any order and any grouping
 * with the same result, and know no clock.
 */
export type Partial =
  | number
  | string
  | Decimal
  | readonly [count: number, ...sum: Decimal]
  | PlacedValue
  | readonly PlacedValue[]
  | readonly string[];

/** What an attribute is for somebody. */
export interface AttributeValue {
  /** Left out where there is nothing to say: the smallest of no values. */
  readonly value?: JsonValue;
  /** Of `FIRST` and `MOST_RECENT`: when the value happened, epoch milliseconds. */
  readonly at?: number;
  /** False: `value` is an estimate. */
  readonly exact?: false;
}

/** How one aggregate works. `P`: its partials. */
export interface Algebra<P extends Partial = Partial> {
  /** The partial of the values of one event; `undefined` when none of them counts. */
  readonly unit: (values: readonly JsonValue[], place: Place) => P | undefined;
  readonly merge: (one: P, other: P) => P;
  /** `undefined`: nothing counted. */
  readonly finish: (partial: P | undefined) => AttributeValue;
}
