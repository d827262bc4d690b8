import type { FieldError, JsonObject, JsonValue } from '#core';

import { inlineReferences } from './inline-references.js';
import { readShape } from './read-shape.js';
import { CLASS_SCHEMAS } from './schema-class.js';
import { dialectErrors } from './schema-dialect.js';
import { MAX_SCHEMA_BYTES, MAX_SCHEMA_NESTING } from './schema-limits.js';
import type { SchemaDefinition } from './schema.js';
import type { Shape } from './shape.js';

export type ShapeReading = { readonly shape: Shape } | { readonly errors: readonly FieldError[] };

/**
 * Reading takes milliseconds and the answer is needed for every change of the catalog. Kept for as long as somebody
 * holds the document, which is never changed in place.
 */
const readings = new WeakMap<JsonObject, Map<string, ShapeReading>>();

/** The shape of items of a schema, or everything that is wrong with it. */
export function shapeReadingOf(definition: Pick<SchemaDefinition, 'class' | 'schema'>): ShapeReading {
  const byClass = readings.get(definition.schema) ?? new Map<string, ShapeReading>();
  readings.set(definition.schema, byClass);
  const known = byClass.get(definition.class);
  if (known !== undefined) return known;
  const reading = readDocument(definition);
  byClass.set(definition.class, reading);
  return reading;
}

/** Of a schema that is in the catalog, and so was found valid. */
export function shapeOf(definition: Pick<SchemaDefinition, 'class' | 'schema'>): Shape {
  const reading = shapeReadingOf(definition);
  if ('shape' in reading) return reading.shape;
  throw new TypeError(`a schema in the catalog is not valid: ${JSON.stringify(reading.errors)}`);
}

function readDocument(definition: Pick<SchemaDefinition, 'class' | 'schema'>): ShapeReading {
  const { schema } = definition;
  // Everything after this recurses.
  if (nestsDeeperThan(schema, MAX_SCHEMA_NESTING)) return fault(`nests deeper than ${MAX_SCHEMA_NESTING} levels`);
  if (Buffer.byteLength(JSON.stringify(schema)) > MAX_SCHEMA_BYTES)
    return fault(`is larger than ${MAX_SCHEMA_BYTES} bytes`);
  const errors = dialectErrors(schema);
  if (errors.length > 0) return { errors };
  const inlined = inlineReferences(schema);
  return 'error' in inlined ? { errors: [inlined.error] } : readShape(CLASS_SCHEMAS[definition.class], inlined);
}

function fault(message: string): ShapeReading {
  return { errors: [{ path: 'schema', message }] };
}

function nestsDeeperThan(value: JsonValue, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner: JsonValue) => nestsDeeperThan(inner, levels - 1));
}
