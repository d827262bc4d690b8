import { parseRfc3339, type JsonValue } from '#core';

import { addDecimals, decimalAnswer, decimalOf, divideDecimal, ZERO, type Decimal } from '../decimal.js';
import type { Algebra } from './partial.js';

function isNumber(value: JsonValue): value is number {
  return typeof value === 'number';
}

export const SUM: Algebra<Decimal> = {
  unit: (values) => sumOf(values.filter(isNumber)),
  merge: addDecimals,
  finish: (sum = ZERO) => ({ value: decimalAnswer(sum) }),
};

function sumOf(numbers: readonly number[]): Decimal | undefined {
  const [first, ...more] = numbers;
  if (first === undefined) return undefined;
  return more.reduce((sum, number) => addDecimals(sum, decimalOf(number)), decimalOf(first));
}

export const COUNT: Algebra<number> = {
  unit: (values) => (values.length === 0 ? undefined : values.length),
  merge: (one, other) => one + other,
  finish: (count = 0) => ({ value: count }),
};

export const AVG: Algebra<readonly [count: number, ...sum: Decimal]> = {
  unit(values) {
    const numbers = values.filter(isNumber);
    const sum = sumOf(numbers);
    return sum && [numbers.length, ...sum];
  },
  merge: ([count, ...sum], [otherCount, ...otherSum]) => [count + otherCount, ...addDecimals(sum, otherSum)],
  finish(average) {
    if (average === undefined) return {};
    const [count, ...sum] = average;
    return { value: divideDecimal(sum, count) };
  },
};

export const MIN = extreme(-1);
export const MAX = extreme(1);

/** Of numbers, or of date-times, which are kept as they were written. `sign`: which of two is taken. */
function extreme(sign: 1 | -1): Algebra<number | string> {
  const merge = (one: number | string, other: number | string): number | string =>
    order(one, other) * sign >= 0 ? one : other;
  return {
    unit(values) {
      const comparable = values.filter(isComparable);
      return comparable.length === 0 ? undefined : comparable.reduce(merge);
    },
    merge,
    finish: (value) => (value === undefined ? {} : { value }),
  };
}

function isComparable(value: JsonValue): value is number | string {
  return isNumber(value) || (typeof value === 'string' && parseRfc3339(value) !== undefined);
}

/** One instant can be written in several ways: then the text decides. */
function order(one: number | string, other: number | string): number {
  const byTime = instant(one) - instant(other);
  return byTime === 0 && one !== other ? (one < other ? -1 : 1) : byTime;
}

function instant(value: number | string): number {
  return typeof value === 'number' ? value : (parseRfc3339(value) as number);
}
