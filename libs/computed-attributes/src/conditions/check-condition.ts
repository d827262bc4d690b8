import { isJsonArray, isJsonObject, parsePath, type FieldError, type JsonValue } from '#core';

import {
  type COMPARISONS,
  MAX_CONDITION_DEPTH,
  MAX_TESTS,
  OPERATORS,
  type Condition,
  type Literal,
} from './condition.js';

interface Check {
  readonly errors: FieldError[];
  tests: number;
}

/** Reads a condition as definitions write it. Adds what is wrong, at paths that begin with `at`, to `errors`. */
export function checkCondition(value: JsonValue, at: string, errors: FieldError[]): Condition | undefined {
  const check: Check = { errors, tests: 0 };
  const condition = checked(value, at, 1, check);
  if (check.tests > MAX_TESTS) errors.push({ path: at, message: `must have at most ${MAX_TESTS} tests` });
  return condition;
}

function checked(value: JsonValue, at: string, depth: number, check: Check): Condition | undefined {
  if (depth > MAX_CONDITION_DEPTH) return wrong(check, at, `nests deeper than ${MAX_CONDITION_DEPTH} levels`);
  if (!isJsonObject(value)) return wrong(check, at, 'must be a condition: a test, or {"and"}, {"or"}, {"not"}');
  const [kind] = ['and', 'or', 'not'].filter((name) => Object.hasOwn(value, name));
  if (kind === undefined) return checkedTest(value, at, check);
  for (const key of Object.keys(value)) if (key !== kind) wrong(check, `${at}.${key}`, `does not go with ${kind}`);
  const inner = value[kind] as JsonValue;
  if (kind === 'not') {
    const negated = checked(inner, `${at}.not`, depth + 1, check);
    return negated && { not: negated };
  }
  if (!isJsonArray(inner) || inner.length === 0) return wrong(check, `${at}.${kind}`, 'must be an array of conditions');
  const all = inner.map((one, index) => checked(one, `${at}.${kind}[${index}]`, depth + 1, check));
  const sound = all.filter((one) => one !== undefined);
  return kind === 'and' ? { and: sound } : { or: sound };
}

function checkedTest(object: { readonly [key: string]: JsonValue }, at: string, check: Check): Condition | undefined {
  check.tests += 1;
  const { path, op, value, ...rest } = object;
  for (const key of Object.keys(rest)) wrong(check, `${at}.${key}`, 'is not part of a test');
  const isPath = typeof path === 'string' && parsePath(path) !== undefined;
  if (!isPath) wrong(check, `${at}.path`, 'must be a path into the event, such as order.priceTotal');
  if (!OPERATORS.includes(op as (typeof OPERATORS)[number])) {
    return wrong(check, `${at}.op`, `must be one of ${OPERATORS.join(' ')}`);
  }
  if (!isPath) return undefined;
  if (op === 'exists') {
    return value === undefined ? { path, op } : wrong(check, `${at}.value`, 'does not go with exists');
  }
  if (op === 'in') {
    if (!isJsonArray(value) || value.length === 0 || !value.every(isLiteral)) {
      return wrong(check, `${at}.value`, 'must be an array of strings, numbers or booleans');
    }
    return { path, op, value };
  }
  if (value === undefined || !isLiteral(value)) {
    return wrong(check, `${at}.value`, 'must be a string, a number or a boolean');
  }
  if (op === 'contains') return { path, op, value };
  return { path, op: op as (typeof COMPARISONS)[number], value };
}

function isLiteral(value: JsonValue): value is Literal {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function wrong(check: Check, path: string, message: string): undefined {
  check.errors.push({ path, message });
  return undefined;
}
