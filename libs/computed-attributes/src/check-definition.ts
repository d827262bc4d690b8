import {
  EACH,
  formatPath,
  isJsonArray,
  isJsonObject,
  parsePath,
  type FieldError,
  type JsonObject,
  type JsonValue,
} from '#core';

import {
  AGGREGATES,
  LONGEST_WINDOW,
  MAX_LIST,
  WINDOW_UNITS,
  type Aggregate,
  type AttributeDefinition,
  type ElementFilter,
  type Window,
  type WindowUnit,
} from './attribute-definition.js';
import { checkCondition } from './conditions/check-condition.js';

export type DefinitionReading =
  { readonly definition: AttributeDefinition } | { readonly errors: readonly [FieldError, ...FieldError[]] };

const MEMBERS = ['aggregate', 'path', 'where', 'elements', 'datasets', 'window', 'limit'];
const MAX_DATASETS = 100;

/** Reads the structured form. Whether its paths are there and of the right types is the union's to say: `checkTypes`. */
export function readDefinition(value: JsonObject): DefinitionReading {
  const errors: FieldError[] = [];
  for (const key of Object.keys(value)) {
    if (!MEMBERS.includes(key)) errors.push({ path: key, message: 'is not part of a definition' });
  }
  const aggregate = readAggregate(value['aggregate'], errors);
  const path = readPath(value['path'], aggregate, errors);
  const where = value['where'] === undefined ? undefined : checkCondition(value['where'], 'where', errors);
  const elements = readElements(value['elements'], path, errors);
  const datasets = readDatasets(value['datasets'], errors);
  const window = readWindow(value['window'], errors);
  const limit = readLimit(value['limit'], aggregate, errors);
  const [first, ...more] = errors;
  if (first !== undefined) return { errors: [first, ...more] };
  const definition = {
    aggregate: aggregate as Aggregate,
    ...(path !== undefined && { path }),
    ...(where !== undefined && { where }),
    ...(elements !== undefined && { elements }),
    ...(datasets !== undefined && { datasets }),
    ...(window !== undefined && { window }),
    ...(limit !== undefined && { limit }),
  };
  return { definition };
}

function readAggregate(value: JsonValue | undefined, errors: FieldError[]): Aggregate | undefined {
  if (AGGREGATES.includes(value as Aggregate)) return value as Aggregate;
  errors.push({ path: 'aggregate', message: `must be one of ${AGGREGATES.join(' ')}` });
  return undefined;
}

function readPath(
  value: JsonValue | undefined,
  aggregate: Aggregate | undefined,
  errors: FieldError[],
): string | undefined {
  if (value === undefined) {
    if (aggregate !== undefined && aggregate !== 'COUNT') {
      errors.push({ path: 'path', message: `${aggregate} needs a path into the event` });
    }
    return undefined;
  }
  const path = typeof value === 'string' ? parsePath(value) : undefined;
  if (path !== undefined) return formatPath(path);
  errors.push({ path: 'path', message: 'must be a path into the event, such as order.priceTotal' });
  return undefined;
}

function readElements(
  value: JsonValue | undefined,
  path: string | undefined,
  errors: FieldError[],
): ElementFilter | undefined {
  if (value === undefined) return undefined;
  if (!isJsonObject(value)) {
    errors.push({ path: 'elements', message: 'must be an object with path and where' });
    return undefined;
  }
  for (const key of Object.keys(value)) {
    if (key !== 'path' && key !== 'where') errors.push({ path: `elements.${key}`, message: 'is not path or where' });
  }
  const array = typeof value['path'] === 'string' ? parsePath(value['path']) : undefined;
  const where = checkCondition(value['where'] ?? '', 'elements.where', errors);
  if (array?.at(-1) !== EACH) {
    errors.push({ path: 'elements.path', message: 'must be a path that ends in [*]' });
    return undefined;
  }
  const own = path === undefined ? undefined : parsePath(path);
  if (own !== undefined && !array.every((step, index) => own[index] === step)) {
    errors.push({ path: 'elements.path', message: 'must be what path begins with' });
  }
  return where && { path: formatPath(array), where };
}

function readDatasets(value: JsonValue | undefined, errors: FieldError[]): readonly string[] | undefined {
  if (value === undefined) return undefined;
  const isList = isJsonArray(value) && value.length > 0 && value.length <= MAX_DATASETS;
  if (isList && value.every((id) => typeof id === 'string')) return [...new Set(value)];
  errors.push({ path: 'datasets', message: `must be an array of 1 to ${MAX_DATASETS} dataset ids` });
  return undefined;
}

function readWindow(value: JsonValue | undefined, errors: FieldError[]): Window | undefined {
  if (value === undefined) return undefined;
  if (!isJsonObject(value)) {
    errors.push({ path: 'window', message: 'must be an object with count and unit' });
    return undefined;
  }
  const { count, unit, ...rest } = value;
  for (const key of Object.keys(rest)) errors.push({ path: `window.${key}`, message: 'is not count or unit' });
  if (!WINDOW_UNITS.includes(unit as WindowUnit)) {
    errors.push({ path: 'window.unit', message: `must be one of ${WINDOW_UNITS.join(' ')}` });
    return undefined;
  }
  const problem = windowProblem(count, unit as WindowUnit);
  if (problem === undefined) return { count: count as number, unit: unit as WindowUnit };
  errors.push({ path: 'window.count', message: problem });
  return undefined;
}

/** What is wrong with so many of a unit; `undefined` when nothing is. */
export function windowProblem(count: JsonValue | undefined, unit: WindowUnit): string | undefined {
  const most = LONGEST_WINDOW[unit];
  if (typeof count === 'number' && Number.isInteger(count) && count >= 1 && count <= most) return undefined;
  return `must be an integer from 1 to ${most} for ${unit}`;
}

function readLimit(
  value: JsonValue | undefined,
  aggregate: Aggregate | undefined,
  errors: FieldError[],
): number | undefined {
  if (value === undefined) return undefined;
  if (aggregate !== undefined && aggregate !== 'LIST') errors.push({ path: 'limit', message: 'goes with LIST only' });
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MAX_LIST) return value;
  errors.push({ path: 'limit', message: `must be an integer from 1 to ${MAX_LIST}` });
  return undefined;
}
