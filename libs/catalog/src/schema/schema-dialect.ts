import { Ajv2020 } from 'ajv/dist/2020.js';

import { formatPath, isJsonObject, type DataPath, type FieldError, type JsonObject, type JsonValue } from '#core';

import { fieldErrorsOf } from '../validation/field-errors.js';
import { ITEM_FORMATS } from '../validation/item-formats.js';
import { patternFault } from '../validation/linear-pattern.js';
import { roleOf, SUBSCHEMA, SUBSCHEMA_LIST, SUBSCHEMA_MAP, subschemas } from './schema-keywords.js';
import { MAX_PROPERTY_NAME_LENGTH, MAX_SCHEMA_ERRORS } from './schema-limits.js';

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';
const LOCAL_REFERENCE = /^#\/\$defs\/[^/]+$/;

/** Why keywords that people try are not taken, and what to do instead. */
const ADVICE: Readonly<Record<string, string>> = {
  definitions: 'is of an older draft: use $defs',
  nullable: 'is not JSON Schema; an absent value is a key left out',
  patternProperties: 'is not taken: declare keys by properties, or a map by additionalProperties',
  propertyNames: 'is not taken: declare keys by properties, or a map by additionalProperties',
  prefixItems: 'is not taken: all elements of an array have one schema, items',
  unevaluatedProperties: 'is not needed: properties that are not declared are refused anyway',
  unevaluatedItems: 'is not taken',
};

const metaSchema = new Ajv2020({ strict: false, allErrors: true, logger: false });

/**
 * Where a document leaves JSON Schema 2020-12, or the part of it that `schema-keywords.ts` takes. Paths are those of
 * the document under `schema`. The nesting of the document must be bounded already.
 */
export function dialectErrors(document: JsonObject): readonly FieldError[] {
  const { $schema, ...schema } = document;
  if ($schema !== undefined && $schema !== DIALECT && $schema !== `${DIALECT}#`) {
    return [{ path: 'schema.$schema', message: `must be ${DIALECT}` }];
  }
  if (metaSchema.validateSchema(schema) !== true) {
    return firstOfEachPath(fieldErrorsOf(metaSchema.errors ?? [], { schema }, 'schema'));
  }
  const errors: FieldError[] = [];
  visit(schema, ['schema'], errors);
  return errors.slice(0, MAX_SCHEMA_ERRORS);
}

/** Of a value that is none of what it could be, the others say so once for each. */
function firstOfEachPath(errors: readonly FieldError[]): readonly FieldError[] {
  const first = new Map<string, FieldError>();
  for (const error of errors) if (!first.has(error.path)) first.set(error.path, error);
  return [...first.values()].slice(0, MAX_SCHEMA_ERRORS);
}

function visit(schema: JsonObject, path: DataPath, errors: FieldError[]): void {
  for (const [keyword, value] of Object.entries(schema)) {
    const at = [...path, keyword];
    for (const [where, message] of [...placeFaults(keyword, at), ...valueFaults(keyword, value, at)]) {
      errors.push({ path: formatPath(where), keyword, message });
    }
  }
  for (const inner of subschemas(schema)) visit(inner.schema, [...path, ...inner.steps], errors);
}

type Fault = readonly [DataPath, string];

function placeFaults(keyword: string, at: DataPath): readonly Fault[] {
  const role = roleOf(keyword);
  if (role === undefined) return [[at, ADVICE[keyword] ?? 'is not a keyword that a schema may use here']];
  return role === 'root' && at.length > 2 ? [[at, 'may only stand at the root']] : [];
}

function valueFaults(keyword: string, value: JsonValue, at: DataPath): readonly Fault[] {
  switch (keyword) {
    case 'type':
      return faultIf(typeof value !== 'string' || value === 'null', at, typeAdvice);
    case 'enum':
      return faultIf(!isScalarList(value as readonly JsonValue[]), at, 'must list strings, numbers or booleans');
    case 'const':
      return faultIf(!isScalar(value), at, 'must be a string, a number or a boolean');
    case 'format':
      return faultIf(!ITEM_FORMATS.has(value as string), at, `must be one of ${[...ITEM_FORMATS].join(', ')}`);
    case 'pattern': {
      const fault = patternFault(value as string);
      return fault === undefined ? [] : [[at, `is not a pattern that can be checked in linear time (RE2): ${fault}`]];
    }
    case '$ref':
      return faultIf(!LOCAL_REFERENCE.test(value as string), at, 'must be a reference into this schema: #/$defs/name');
    case 'properties':
      return [...nameFaults(Object.keys(value as JsonObject), at), ...booleanSchemaFaults(keyword, value, at)];
    default:
      return booleanSchemaFaults(keyword, value, at);
  }
}

const typeAdvice = 'must be one type, and not null: a path has one type, and an absent value is a key left out';

function nameFaults(names: readonly string[], at: DataPath): readonly Fault[] {
  // Only at the root of items are such keys instructions.
  const isRoot = at.length === 2;
  return names.flatMap((name): readonly Fault[] => {
    const path = [...at, name];
    if (name === '' || name.length > MAX_PROPERTY_NAME_LENGTH) {
      return [[path, `must be 1 to ${MAX_PROPERTY_NAME_LENGTH} characters long`]];
    }
    if (name === '__proto__' || !name.isWellFormed()) return [[path, 'cannot be the name of a property']];
    return isRoot && name.startsWith('$') ? [[path, 'keys of an item that begin with $ are instructions']] : [];
  });
}

/** `true` and `false` are schemas too, but they declare no type. */
function booleanSchemaFaults(keyword: string, value: JsonValue, at: DataPath): readonly Fault[] {
  const message = 'must be a schema object';
  if (keyword === 'additionalProperties') return [];
  if (SUBSCHEMA.has(keyword)) return faultIf(!isJsonObject(value), at, message);
  if (SUBSCHEMA_LIST.has(keyword)) {
    return (value as readonly JsonValue[]).flatMap((inner, index) =>
      faultIf(!isJsonObject(inner), [...at, index], message),
    );
  }
  if (!SUBSCHEMA_MAP.has(keyword)) return [];
  return Object.entries(value as JsonObject).flatMap(([key, inner]) =>
    faultIf(!isJsonObject(inner), [...at, key], message),
  );
}

function faultIf(isFault: boolean, at: DataPath, message: string): readonly Fault[] {
  return isFault ? [[at, message]] : [];
}

function isScalarList(values: readonly JsonValue[]): boolean {
  return values.length > 0 && values.every(isScalar);
}

function isScalar(value: JsonValue): boolean {
  return value !== null && typeof value !== 'object';
}
