import { parsePath, parseRfc3339, type JsonValue } from '#core';

import type { Comparison, Condition, Literal, Test } from './condition.js';
import { pathReader } from './path-reader.js';

/** Whether something holds for an event, or for an element of one. */
export type Predicate = (value: JsonValue) => boolean;

/** Made once per attribute: folds put every event to it. */
export function compileCondition(condition: Condition): Predicate {
  if ('and' in condition) {
    const all = condition.and.map(compileCondition);
    return (event) => all.every((holds) => holds(event));
  }
  if ('or' in condition) {
    const some = condition.or.map(compileCondition);
    return (event) => some.some((holds) => holds(event));
  }
  if ('not' in condition) {
    const holds = compileCondition(condition.not);
    return (event) => !holds(event);
  }
  return compileTest(condition);
}

function compileTest(test: Test): Predicate {
  const path = parsePath(test.path);
  if (path === undefined) throw new TypeError(`${test.path} is not a path`);
  const { some } = pathReader(path);
  const holds = valueTest(test);
  return (event) => some(event, holds);
}

function valueTest(test: Test): (value: JsonValue) => boolean {
  switch (test.op) {
    case 'exists':
      return () => true;
    case 'in': {
      const equal = test.value.map((literal) => comparing('=', literal));
      return (value) => equal.some((isEqual) => isEqual(value));
    }
    case 'contains':
      return containing(test.value);
    default:
      return comparing(test.op, test.value);
  }
}

function containing(literal: Literal): (value: JsonValue) => boolean {
  return (value) => {
    if (typeof value === 'string') return typeof literal === 'string' && value.includes(literal);
    return Array.isArray(value) && (value as readonly JsonValue[]).includes(literal);
  };
}

/** Values of another type than the literal are neither equal to it nor before or behind it, but they differ from it. */
function comparing(op: Comparison, literal: Literal): (value: JsonValue) => boolean {
  const time = typeof literal === 'string' ? parseRfc3339(literal) : undefined;
  const order = time === undefined ? orderOf(literal) : orderInTime(literal as string, time);
  switch (op) {
    case '=':
      return (value) => order(value) === 0;
    case '!=':
      return (value) => order(value) !== 0;
    case '<':
      return (value) => order(value) < 0;
    case '<=':
      return (value) => order(value) <= 0;
    case '>':
      return (value) => order(value) > 0;
    case '>=':
      return (value) => order(value) >= 0;
  }
}

/** Negative: the value is less; NaN: they cannot be compared, and no comparison but `!=` holds. Texts go by code unit. */
function orderOf(literal: Literal): (value: JsonValue) => number {
  return (value) => {
    if (value === literal) return 0;
    if (typeof value !== typeof literal || typeof value === 'boolean') return Number.NaN;
    return (value as string | number) < literal ? -1 : 1;
  };
}

/** A literal that is a date-time stands for its instant, however the event writes it. */
function orderInTime(literal: string, time: number): (value: JsonValue) => number {
  const asText = orderOf(literal);
  return (value) => {
    const at = typeof value === 'string' ? parseRfc3339(value) : undefined;
    return at === undefined ? asText(value) : at - time;
  };
}
