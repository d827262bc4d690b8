import type { JsonValue } from '#core';

import type { Algebra, Place, PlacedValue } from './partial.js';

function placed(values: readonly JsonValue[], { at, tie }: Place): readonly PlacedValue[] {
  return values.map((value, index) => [at, tie, index, value]);
}

/** By event time, then by what decides between events of one moment, then as the event has them. */
function order([at, tie, index]: PlacedValue, [otherAt, otherTie, otherIndex]: PlacedValue): number {
  return at - otherAt || (tie === otherTie ? index - otherIndex : tie < otherTie ? -1 : 1);
}

export const FIRST = outermost(-1);
export const MOST_RECENT = outermost(1);

/** `sign`: which of two is taken. */
function outermost(sign: 1 | -1): Algebra<PlacedValue> {
  const merge = (one: PlacedValue, other: PlacedValue): PlacedValue => (order(one, other) * sign >= 0 ? one : other);
  return {
    unit: (values, place) => (values.length === 0 ? undefined : placed(values, place).reduce(merge)),
    merge,
    finish: (last) => (last === undefined ? {} : { value: last[3], at: last[0] }),
  };
}

/** The last `limit` values, the newest first. */
export function listOf(limit: number): Algebra<readonly PlacedValue[]> {
  const newest = (values: readonly PlacedValue[]): readonly PlacedValue[] =>
    [...values].sort((one, other) => order(other, one)).slice(0, limit);
  return {
    unit: (values, place) => (values.length === 0 ? undefined : newest(placed(values, place))),
    merge: (one, other) => newest([...one, ...other]),
    finish: (values = []) => ({ value: values.map(([, , , value]) => value) }),
  };
}
