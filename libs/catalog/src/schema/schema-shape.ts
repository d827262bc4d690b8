import type { FieldError, JsonObject, JsonValue } from '#core';

import { NO_GROUPS } from '../field-group/field-group.js';
import { inlineReferences, type InlinedSchema } from './inline-references.js';
import { readShape } from './read-shape.js';
import { classSchemaOf } from './schema-class.js';
import { dialectErrors } from './schema-dialect.js';
import { MAX_SCHEMA_BYTES, MAX_SCHEMA_NESTING, MAX_SUBSCHEMAS } from './schema-limits.js';
import type { SchemaContent } from './schema.js';
import type { Shape } from './shape.js';

interface Faults {
  readonly errors: readonly FieldError[];
}

export type ShapeReading = { readonly shape: Shape } | Faults;

type ReadingsByClass = Map<string, ShapeReading>;

/**
 * Reading takes milliseconds and the answer is needed for every change of the catalog. Kept, by document and list of
 * groups, for as long as somebody holds both, which are never changed in place.
 */
const readings = new WeakMap<JsonObject, WeakMap<object, ReadingsByClass>>();

/** The shape of items of a schema, or everything that is wrong with it. */
export function shapeReadingOf(content: SchemaContent): ShapeReading {
  const byClass = readingsOf(content);
  const known = byClass.get(content.class);
  if (known !== undefined) return known;
  const reading = readContent(content);
  byClass.set(content.class, reading);
  return reading;
}

/** Of a schema that is in the catalog, and so was found valid. */
export function shapeOf(content: SchemaContent): Shape {
  return soundShape(shapeReadingOf(content));
}

/** The shape of what a field group declares, or everything that is wrong with it, at paths of its definition. */
export function groupShapeReadingOf(properties: JsonObject): ShapeReading {
  const inlined = readDocument({ properties });
  const reading = 'errors' in inlined ? inlined : readShape({ type: 'object' }, [inlined]);
  if (!('errors' in reading)) return reading;
  const errors = reading.errors.map((error) => ({
    ...error,
    path: error.path === 'schema' ? 'properties' : error.path.replace(/^schema\./, ''),
  }));
  return { errors };
}

/** Of a field group that is in the catalog, and so was found valid. */
export function groupShapeOf(properties: JsonObject): Shape {
  return soundShape(groupShapeReadingOf(properties));
}

function soundShape(reading: ShapeReading): Shape {
  if ('shape' in reading) return reading.shape;
  throw new TypeError(`what is in the catalog is not valid: ${JSON.stringify(reading.errors)}`);
}

function readingsOf({ schema, groups = NO_GROUPS }: SchemaContent): ReadingsByClass {
  const byGroups = readings.get(schema) ?? new WeakMap<object, ReadingsByClass>();
  readings.set(schema, byGroups);
  const byClass = byGroups.get(groups) ?? new Map<string, ShapeReading>();
  byGroups.set(groups, byClass);
  return byClass;
}

function readContent({ class: schemaClass, schema, groups = NO_GROUPS }: SchemaContent): ShapeReading {
  const own = readDocument(schema);
  if ('errors' in own) return own;
  const parts: InlinedSchema[] = [own];
  let bytes = bytesOf(schema);
  for (const [index, { properties }] of groups.entries()) {
    bytes += bytesOf(properties);
    // What a group says by itself was found valid when it was defined.
    const inlined = inlineReferences({ properties }, ['fieldGroups', index]);
    if ('error' in inlined) return { errors: [inlined.error] };
    parts.push(inlined);
  }
  if (bytes > MAX_SCHEMA_BYTES) return fault('fieldGroups', `make the schema larger than ${MAX_SCHEMA_BYTES} bytes`);
  if (parts.reduce((sum, { size }) => sum + size, 0) > MAX_SUBSCHEMAS) {
    return fault('fieldGroups', `make the schema one of more than ${MAX_SUBSCHEMAS} schemas`);
  }
  return readShape(classSchemaOf(schemaClass), parts);
}

function readDocument(document: JsonObject): InlinedSchema | Faults {
  // Everything after this recurses.
  if (nestsDeeperThan(document, MAX_SCHEMA_NESTING)) {
    return fault('schema', `nests deeper than ${MAX_SCHEMA_NESTING} levels`);
  }
  if (bytesOf(document) > MAX_SCHEMA_BYTES) return fault('schema', `is larger than ${MAX_SCHEMA_BYTES} bytes`);
  const errors = dialectErrors(document);
  if (errors.length > 0) return { errors };
  const inlined = inlineReferences(document);
  return 'error' in inlined ? { errors: [inlined.error] } : inlined;
}

function bytesOf(document: JsonObject): number {
  return Buffer.byteLength(JSON.stringify(document));
}

function fault(path: string, message: string): Faults {
  return { errors: [{ path, message }] };
}

function nestsDeeperThan(value: JsonValue, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner: JsonValue) => nestsDeeperThan(inner, levels - 1));
}
