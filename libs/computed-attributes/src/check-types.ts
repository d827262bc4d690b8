import type { ShapeType, Union, UnionPath } from '#catalog';
import { EACH, formatPath, parsePath, type DataPath, type FieldError } from '#core';

import type { Aggregate, AttributeDefinition } from './attribute-definition.js';
import { testsOf, type Literal, type Test } from './conditions/condition.js';

/** Of the values of an attribute. `date-time`: a text in RFC 3339. */
export type ValueType = 'number' | 'integer' | 'date-time' | 'string' | 'boolean' | 'array';

export type TypeReading = { readonly type: ValueType } | { readonly errors: readonly [FieldError, ...FieldError[]] };

/** What is found of a path in the union of events. */
type Found = { readonly type: ShapeType; readonly isTime: boolean; readonly each?: ShapeType | undefined };

/** Checks every path of a definition against the union of events; answers the type of the attribute's values. */
export function checkTypes(definition: AttributeDefinition, union: Union): TypeReading {
  const errors: FieldError[] = [];
  const paths = new Map(union.paths.map((path) => [path.path, path]));
  const { where, elements } = definition;
  if (where !== undefined) for (const { at, test } of testsOf(where, 'where')) checkTest(test, at, '', paths, errors);
  if (elements !== undefined) {
    if (find(elements.path, paths) === undefined)
      errors.push({ path: 'elements.path', message: missing(elements.path) });
    for (const { at, test } of testsOf(elements.where, 'elements.where')) {
      checkTest(test, at, elements.path, paths, errors);
    }
  }
  const type = checkValue(definition, paths, errors);
  const [first, ...more] = errors;
  if (first !== undefined || type === undefined) return { errors: [first as FieldError, ...more] };
  return { type };
}

type Paths = ReadonlyMap<string, UnionPath>;

function checkValue(
  { aggregate, path }: AttributeDefinition,
  paths: Paths,
  errors: FieldError[],
): ValueType | undefined {
  if (path === undefined) return 'integer';
  const found = find(path, paths);
  if (found === undefined) {
    errors.push({ path: 'path', message: missing(path) });
    return undefined;
  }
  const type = resultType(aggregate, found);
  if (type === undefined) {
    errors.push({
      path: 'path',
      message: `${aggregate} takes ${TAKES[aggregate]}; ${path} is of the type ${found.type}`,
    });
  }
  return type;
}

const VALUES = 'scalars and arrays of scalars';
const TAKES: Readonly<Record<Aggregate, string>> = {
  SUM: 'numbers',
  AVG: 'numbers',
  MIN: 'numbers and date-times',
  MAX: 'numbers and date-times',
  COUNT: 'anything',
  COUNT_DISTINCT: 'scalars',
  FIRST: VALUES,
  MOST_RECENT: VALUES,
  LIST: VALUES,
};

/** `undefined`: the aggregate does not take such values. */
function resultType(aggregate: Aggregate, { type, isTime, each }: Found): ValueType | undefined {
  const isNumeric = type === 'number' || type === 'integer';
  const scalar: ValueType | undefined = isTime ? 'date-time' : isScalar(type) ? type : undefined;
  switch (aggregate) {
    case 'COUNT':
      return 'integer';
    case 'SUM':
      return isNumeric ? type : undefined;
    case 'AVG':
      return isNumeric ? 'number' : undefined;
    case 'MIN':
    case 'MAX':
      return isNumeric || isTime ? scalar : undefined;
    case 'COUNT_DISTINCT':
      return scalar === undefined ? undefined : 'integer';
    case 'FIRST':
    case 'MOST_RECENT':
      return scalar ?? (type === 'array' && isScalar(each) ? 'array' : undefined);
    case 'LIST':
      return scalar !== undefined || (type === 'array' && isScalar(each)) ? 'array' : undefined;
  }
}

function isScalar(type: ShapeType | undefined): type is 'string' | 'integer' | 'number' | 'boolean' {
  return type !== undefined && type !== 'array' && type !== 'object' && type !== 'map';
}

function checkTest(test: Test, at: string, prefix: string, paths: Paths, errors: FieldError[]): void {
  const path = joined(prefix, test.path);
  const found = find(path, paths);
  if (found === undefined) {
    errors.push({ path: `${at}.path`, message: missing(test.path) });
    return;
  }
  if (test.op === 'exists') return;
  if (test.op === 'contains' && found.type !== 'string' && found.type !== 'array') {
    errors.push({
      path: `${at}.op`,
      message: `contains takes strings and arrays; ${test.path} is of the type ${found.type}`,
    });
    return;
  }
  const literals: readonly Literal[] = test.op === 'in' ? test.value : [test.value];
  const wanted = found.type === 'array' && test.op === 'contains' ? found.each : found.type;
  if (wanted === undefined) return;
  if (!isScalar(wanted)) {
    errors.push({ path: `${at}.path`, message: `is of the type ${found.type}, which ${test.op} does not compare` });
    return;
  }
  const isOrdered = ['<', '<=', '>', '>='].includes(test.op);
  if (isOrdered && wanted === 'boolean') errors.push({ path: `${at}.op`, message: 'does not order booleans' });
  const literalType = wanted === 'integer' ? 'number' : wanted;
  if (literals.some((literal) => typeof literal !== literalType)) {
    errors.push({
      path: `${at}.value`,
      message: `must be a ${literalType}: ${test.path} is of the type ${found.type}`,
    });
  }
}

function missing(path: string): string {
  if (parsePath(path)?.[0] === 'computedAttributes') return 'an attribute cannot refer to another one';
  return `no enabled event schema has the path ${path}`;
}

function joined(prefix: string, path: string): string {
  return prefix === '' ? path : formatPath([...dataPath(prefix), ...dataPath(path)]);
}

/** Unions write `[*]` for places in arrays and for the keys of maps, which paths may name. */
function find(text: string, paths: Paths): Found | undefined {
  let known: DataPath = [];
  let found: UnionPath | undefined;
  for (const step of dataPath(text)) {
    const isOpen = found?.type === 'map' || found?.type === 'array';
    const named = isOpen && (found?.type === 'map' || typeof step === 'number') ? EACH : step;
    known = [...known, named];
    found = paths.get(formatPath(known));
    if (found === undefined) return undefined;
  }
  return (
    found && {
      type: found.type,
      isTime: found.type === 'string' && found.formats?.includes('date-time') === true,
      each: paths.get(formatPath([...known, EACH]))?.type,
    }
  );
}

function dataPath(text: string): DataPath {
  return parsePath(text) ?? [];
}
