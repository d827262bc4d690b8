import { formatPath, type PathStep } from './data-path.js';
import type { ErrorCode } from './error-catalog.js';
import type { FieldError } from './errors.js';
import { isJsonObject, type JsonValue } from './json.js';

/** Objects and arrays within one another, the item itself counted. Deep enough for any schema, far from any stack. */
export const MAX_DEPTH = 64;

/** What an item can have that parses as JSON and is yet no value that could be kept. */
export type InspectionCode = Extract<
  ErrorCode,
  'NULL_NOT_ALLOWED' | 'NUMBER_OUT_OF_RANGE' | 'ITEM_TOO_DEEP' | 'INVALID_UTF8'
>;

export interface Inspection {
  /** Of the first error. */
  readonly code: InspectionCode;
  readonly errors: readonly FieldError[];
}

const MAX_ERRORS = 5;

const MESSAGES: Readonly<Record<InspectionCode, string>> = {
  NULL_NOT_ALLOWED: 'null is not a value: leave the key out',
  NUMBER_OUT_OF_RANGE: 'must be a finite number, and between -(2^53-1) and 2^53-1 when it is an integer',
  ITEM_TOO_DEEP: `must not be nested deeper than ${MAX_DEPTH} levels`,
  INVALID_UTF8: 'must not contain a lone surrogate',
};

/**
 * Looks for what no item may contain, whatever its schema: null, numbers that cannot be kept exactly, nesting that
 * later walks would not survive, text that has no UTF-8. `undefined` when all is well. Every parsed item passes here
 * first: walks and `JSON.stringify` further down rely on the bounded depth.
 */
export function inspectJson(value: JsonValue): Inspection | undefined {
  return isSound(value, 1) ? undefined : findFaults(value);
}

/** Without paths and without allocations: this runs for every item. */
function isSound(value: JsonValue, depth: number): boolean {
  switch (typeof value) {
    case 'string':
      return value.isWellFormed();
    case 'number':
      return isKeepable(value);
    case 'boolean':
      return true;
  }
  if (value === null || depth > MAX_DEPTH) return false;
  if (Array.isArray(value)) {
    for (const element of value) if (!isSound(element as JsonValue, depth + 1)) return false;
    return true;
  }
  const object = value as { readonly [key: string]: JsonValue };
  for (const key in object) {
    if (!key.isWellFormed() || !isSound(object[key] as JsonValue, depth + 1)) return false;
  }
  return true;
}

function isKeepable(value: number): boolean {
  return Number.isFinite(value) && (Number.isSafeInteger(value) || !Number.isInteger(value));
}

interface Search {
  readonly path: PathStep[];
  readonly faults: { readonly code: InspectionCode; readonly path: string }[];
}

function findFaults(value: JsonValue): Inspection | undefined {
  const search: Search = { path: [], faults: [] };
  searchValue(search, value);
  const [first] = search.faults;
  if (first === undefined) return undefined;
  return {
    code: first.code,
    errors: search.faults.map(({ code, path }) => ({ path, keyword: code, message: MESSAGES[code] })),
  };
}

function searchValue(search: Search, value: JsonValue): void {
  if (search.faults.length >= MAX_ERRORS) return;
  if (value === null) fault(search, 'NULL_NOT_ALLOWED');
  else if (typeof value === 'string' && !value.isWellFormed()) fault(search, 'INVALID_UTF8');
  else if (typeof value === 'number' && !isKeepable(value)) fault(search, 'NUMBER_OUT_OF_RANGE');
  else if (typeof value === 'object') searchBelow(search, value);
}

function searchBelow(search: Search, container: JsonValue): void {
  if (search.path.length >= MAX_DEPTH) {
    fault(search, 'ITEM_TOO_DEEP');
  } else if (Array.isArray(container)) {
    container.forEach((element: JsonValue, index) => searchStep(search, index, element));
  } else if (isJsonObject(container)) {
    for (const [key, member] of Object.entries(container)) {
      if (key.isWellFormed()) searchStep(search, key, member);
      else fault(search, 'INVALID_UTF8', key.toWellFormed());
    }
  }
}

function searchStep(search: Search, step: PathStep, value: JsonValue): void {
  search.path.push(step);
  searchValue(search, value);
  search.path.pop();
}

function fault(search: Search, code: InspectionCode, key?: string): void {
  if (search.faults.length >= MAX_ERRORS) return;
  search.faults.push({ code, path: formatPath(key === undefined ? search.path : [...search.path, key]) });
}
