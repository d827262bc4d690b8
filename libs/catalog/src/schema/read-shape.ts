import {
  canonicalJson,
  EACH,
  formatPath,
  isJsonObject,
  MAX_DEPTH,
  type DataPath,
  type FieldError,
  type JsonObject,
  type JsonScalar,
} from '#core';

import { reportUndeclared } from './branch-mentions.js';
import type { InlinedSchema } from './inline-references.js';
import { membersOfRole } from './schema-keywords.js';
import { MAX_SCHEMA_ERRORS, MAX_SCHEMA_PATHS } from './schema-limits.js';
import type { Shape, ShapeType } from './shape.js';

/** The shape of items to which a class and further schemas apply, or what keeps them from having one. */
export function readShape(
  classSchema: JsonObject,
  parts: readonly InlinedSchema[],
): { readonly shape: Shape } | { readonly errors: readonly FieldError[] } {
  const reader = new ShapeReader(classSchema, parts);
  const shape = reader.read([classSchema, ...parts.map(({ schema }) => schema)], []);
  return reader.errors.length > 0 ? { errors: reader.errors.slice(0, MAX_SCHEMA_ERRORS) } : { shape };
}

/** Most shapes are of scalars, and large schemas make many of them. */
const NO_PROPERTIES: ReadonlyMap<string, Shape> = new Map();
const NOTHING_REQUIRED: ReadonlySet<string> = new Set();

class ShapeReader {
  readonly errors: FieldError[] = [];
  #paths = 0;

  constructor(
    private readonly classSchema: JsonObject,
    private readonly parts: readonly InlinedSchema[],
  ) {}

  /** `schemas` all apply to the value at `path`. */
  read(schemas: readonly JsonObject[], path: DataPath): Shape {
    this.#countPath(schemas, path);
    const applied = schemas.flatMap(withAllOf);
    const type = this.#typeOf(applied);
    const properties = type === 'object' ? this.#properties(applied, path) : NO_PROPERTIES;
    const each = type === 'array' || type === 'map' ? this.#each(applied, path) : undefined;
    const allowed = allowedBy(applied);
    const shape: Shape = {
      type,
      properties,
      required: requiredBy(applied),
      ...(each !== undefined && { each }),
      ...(allowed !== undefined && { allowed }),
      unique: applied.some((schema) => schema['uniqueItems'] === true),
      demands: demandsOf(applied),
    };
    this.#checkDemands(applied, shape);
    return shape;
  }

  #typeOf(applied: readonly JsonObject[]): ShapeType {
    const named = applied
      .map((schema) => [schema, namedType(schema)] as const)
      .filter(([, type]) => type !== undefined);
    const [first, type] = named[0] ?? [];
    if (type === undefined) {
      this.#report(applied.at(-1), 'type', 'has no type: say one of string, integer, number, boolean, array, object');
    }
    const [contrary, other] = named.find(([, candidate]) => candidate !== type) ?? [];
    if (contrary !== undefined) {
      const where = first === undefined ? undefined : this.#placeOf(first);
      const there = where === undefined ? 'by its class' : `at ${formatPath(where)}`;
      this.#report(contrary, 'type', `is ${String(other)} here and ${String(type)} ${there}`);
    }
    if (type !== 'object') return (type ?? 'map') as ShapeType;
    return applied.some((schema) => schema['properties'] ?? schema['additionalProperties'] === false)
      ? 'object'
      : 'map';
  }

  #properties(applied: readonly JsonObject[], path: DataPath): ReadonlyMap<string, Shape> {
    const declared = new Map<string, JsonObject[]>();
    for (const schema of applied) {
      for (const [name, property] of Object.entries(propertiesOf(schema))) {
        declared.set(name, [...(declared.get(name) ?? []), property]);
      }
    }
    for (const schema of applied) this.#checkClosing(schema, declared);
    return new Map([...declared].map(([name, schemas]) => [name, this.read(schemas, [...path, name])]));
  }

  /** Objects are closed by what is declared anywhere, so `additionalProperties` can neither open nor narrow them. */
  #checkClosing(schema: JsonObject, declared: ReadonlyMap<string, readonly JsonObject[]>): void {
    const additional = schema['additionalProperties'];
    if (additional === undefined) return;
    if (additional !== false) {
      this.#report(schema, 'additionalProperties', 'cannot stand beside properties: what is not declared is refused');
      return;
    }
    const own = propertiesOf(schema);
    const ofClass = propertiesOf(this.classSchema);
    const shutOut = [...declared.keys()].find((name) => !Object.hasOwn(own, name) && !Object.hasOwn(ofClass, name));
    if (shutOut === undefined) return;
    this.#report(
      schema,
      'additionalProperties',
      `shuts out ${JSON.stringify(shutOut)}, which is declared beside it; leave it out`,
    );
  }

  #each(applied: readonly JsonObject[], path: DataPath): Shape | undefined {
    const schemas = applied.flatMap(({ items, additionalProperties }) =>
      [items, additionalProperties].filter(isJsonObject),
    );
    return schemas.length === 0 ? undefined : this.read(schemas, [...path, EACH]);
  }

  #checkDemands(applied: readonly JsonObject[], shape: Shape): void {
    if (shape.unique && (shape.each === undefined || ['array', 'object', 'map'].includes(shape.each.type))) {
      // Comparing every element with every other one takes minutes on an item of the largest size.
      this.#report(applied.at(-1), 'uniqueItems', 'can only be demanded of strings, numbers and booleans');
    }
    if (shape.allowed?.length === 0) this.#report(applied.at(-1), 'enum', 'leaves no value that is allowed');
    for (const schema of applied) reportUndeclared(schema, shape, (...fault) => this.#report(...fault));
  }

  #countPath(schemas: readonly JsonObject[], path: DataPath): void {
    this.#paths += 1;
    if (path.length > MAX_DEPTH) this.#report(schemas.at(-1), 'properties', `lies deeper than ${MAX_DEPTH} levels`);
    // The root is not a path.
    if (this.#paths === MAX_SCHEMA_PATHS + 2) {
      this.#report(undefined, 'properties', `declares more than ${MAX_SCHEMA_PATHS} paths`);
    }
  }

  #report(schema: JsonObject | undefined, keyword: string, message: string): void {
    const place = (schema && this.#placeOf(schema)) ?? ['schema'];
    this.errors.push({ path: formatPath(place), keyword, message });
  }

  /** `undefined`: the class says it. */
  #placeOf(schema: JsonObject): DataPath | undefined {
    for (const { placeOf } of this.parts) {
      const place = placeOf(schema);
      if (place !== undefined) return place;
    }
    return undefined;
  }
}

function withAllOf(schema: JsonObject): readonly JsonObject[] {
  return [schema, ...((schema['allOf'] ?? []) as readonly JsonObject[]).flatMap(withAllOf)];
}

function propertiesOf(schema: JsonObject): Readonly<Record<string, JsonObject>> {
  return (schema['properties'] ?? {}) as Readonly<Record<string, JsonObject>>;
}

/** The type that a schema says or, where only one fits the rest of it, implies. */
function namedType(schema: JsonObject): string | undefined {
  if (typeof schema['type'] === 'string') return schema['type'];
  if (schema['properties'] !== undefined || schema['additionalProperties'] !== undefined) return 'object';
  if (schema['items'] !== undefined) return 'array';
  const [value = schema['const']] = (schema['enum'] ?? []) as readonly JsonScalar[];
  return typeof value === 'string' || typeof value === 'boolean' ? typeof value : undefined;
}

function requiredBy(applied: readonly JsonObject[]): ReadonlySet<string> {
  const names = applied.flatMap((schema) => (schema['required'] ?? []) as readonly string[]);
  return names.length === 0 ? NOTHING_REQUIRED : new Set(names);
}

function allowedBy(applied: readonly JsonObject[]): readonly JsonScalar[] | undefined {
  const lists = applied.flatMap((schema) => ('enum' in schema ? [schema['enum'] as readonly JsonScalar[]] : []));
  const [first, ...rest] = lists;
  return first?.filter((value) => rest.every((list) => list.includes(value)));
}

function demandsOf(applied: readonly JsonObject[]): readonly JsonObject[] {
  const demands = applied.map((schema) => membersOfRole(schema, 'assertion', 'branch'));
  const distinct = new Map(demands.map((demand) => [canonicalJson(demand), demand]));
  distinct.delete('{}');
  return [...distinct.values()];
}
