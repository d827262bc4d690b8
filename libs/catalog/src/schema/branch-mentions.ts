import { isJsonObject, type JsonObject, type JsonValue } from '#core';

import type { Shape } from './shape.js';

export type Report = (schema: JsonObject, keyword: string, message: string) => void;

/** Branches that apply to the same value as the schema in which they stand. */
const IN_PLACE = ['anyOf', 'oneOf', 'not', 'if', 'then', 'else', 'dependentSchemas'];

/**
 * Reports where a schema demands something of keys that no `properties` declare, itself or in a branch (of `anyOf`,
 * `if` and the like). Such keys are refused anyway, so the demand would not do what it seems to.
 */
export function reportUndeclared(schema: JsonObject, shape: Shape, report: Report): void {
  for (const name of namesIn(schema)) {
    if (shape.type !== 'map' && !shape.properties.has(name)) {
      report(schema, 'required', `names ${JSON.stringify(name)}, which no properties declare`);
    }
  }
  for (const keyword of IN_PLACE) {
    for (const branch of branchesIn(keyword, schema[keyword])) reportInBranch(branch, shape, report);
  }
  const { contains } = schema;
  if (isJsonObject(contains) && shape.each !== undefined) reportInBranch(contains, shape.each, report);
}

function reportInBranch(branch: JsonObject, shape: Shape, report: Report): void {
  for (const keyword of ['additionalProperties', 'uniqueItems']) {
    if (keyword in branch) report(branch, keyword, 'can only stand where properties or elements are declared');
  }
  for (const [name, property] of Object.entries((branch['properties'] ?? {}) as Readonly<Record<string, JsonObject>>)) {
    const declared = shape.type === 'map' ? shape.each : shape.properties.get(name);
    if (declared !== undefined) reportInBranch(property, declared, report);
    else if (shape.type !== 'map') report(property, 'properties', 'is not declared outside this branch');
  }
  const { items, allOf } = branch;
  if (isJsonObject(items) && shape.each !== undefined) reportInBranch(items, shape.each, report);
  for (const part of branchesIn('allOf', allOf)) reportInBranch(part, shape, report);
  reportUndeclared(branch, shape, report);
}

function namesIn(schema: JsonObject): readonly string[] {
  const required = (schema['required'] ?? []) as readonly string[];
  const dependent = Object.entries((schema['dependentRequired'] ?? {}) as Readonly<Record<string, readonly string[]>>);
  const conditional = Object.keys((schema['dependentSchemas'] ?? {}) as JsonObject);
  return [...required, ...dependent.flatMap(([name, others]) => [name, ...others]), ...conditional];
}

function branchesIn(keyword: string, value: JsonValue | undefined): readonly JsonObject[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value as readonly JsonObject[];
  return (keyword === 'dependentSchemas' ? Object.values(value as JsonObject) : [value]) as readonly JsonObject[];
}
