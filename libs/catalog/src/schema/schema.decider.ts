import { canonicalJson, type FieldError, type JsonObject } from '#core';

import { changed, created, refused, unchanged, type Decision } from '../decision.js';
import { refuseResourceId } from '../resource-id.js';
import { namespaceOf, type SandboxCatalog } from '../sandbox-catalog.js';
import { itemValidatorOf } from '../validation/item-validator.js';
import { identityErrors } from './check-identities.js';
import { incompatibilities } from './schema-evolution.js';
import { shapeReadingOf } from './schema-shape.js';
import {
  SCHEMA_DEFINED,
  SCHEMA_ENABLED_FOR_PROFILE,
  SCHEMA_EXTENDED,
  type SchemaEnabledForProfile,
  type SchemaEvent,
} from './schema.events.js';
import { SCHEMA_CLASSES, type Schema, type SchemaClass, type SchemaDefinition } from './schema.js';
import { unionConflicts } from './union-conflicts.js';

export interface DefineSchema extends Omit<SchemaDefinition, 'class'> {
  readonly id: string;
  readonly class: string;
}

/** Defines a schema, replaces one that no dataset names, or extends one that is in use. */
export function defineSchema(catalog: SandboxCatalog, { id, ...wanted }: DefineSchema): Decision<SchemaEvent> {
  const invalidId = refuseResourceId(id);
  if (invalidId !== undefined) return invalidId;
  if (!isSchemaClass(wanted.class)) {
    const message = `must be one of ${SCHEMA_CLASSES.join(', ')}: other classes are not supported yet`;
    return invalid([{ path: 'class', message }]);
  }
  const definition = asDefined(catalog, { ...wanted, class: wanted.class });
  const errors = definitionErrors(catalog, definition);
  if (errors.length > 0) return invalid(errors);
  const existing = catalog.schemas.get(id);
  if (existing === undefined) return created({ type: SCHEMA_DEFINED, data: { id, version: 1, ...definition } });
  return changeSchema(catalog, existing, definition);
}

function changeSchema(catalog: SandboxCatalog, existing: Schema, definition: SchemaDefinition): Decision<SchemaEvent> {
  if (sameDefinition(existing, definition)) return unchanged;
  const { id } = existing;
  const isInUse = [...catalog.datasets.values()].some((dataset) => dataset.schema === id);
  const errors = isInUse ? incompatibilities(existing, definition) : [];
  if (errors.length > 0) {
    const message = `Datasets use the schema ${id}, so it can only be extended.`;
    return refused('SCHEMA_INCOMPATIBLE', message, { errors });
  }
  const unfit = existing.enabled ? refuseForUnion(catalog, { id, ...definition }) : undefined;
  if (unfit !== undefined) return unfit;
  const data = { id, version: existing.version + 1, ...definition };
  return changed({ type: isInUse ? SCHEMA_EXTENDED : SCHEMA_DEFINED, data });
}

/** Makes a schema part of the union of its class, for good. */
export function enableSchema(
  catalog: SandboxCatalog,
  { id }: { readonly id: string },
): Decision<SchemaEnabledForProfile> {
  const schema = catalog.schemas.get(id);
  if (schema === undefined) return refused('SCHEMA_NOT_FOUND', `There is no schema ${JSON.stringify(id)}.`);
  if (schema.enabled) return unchanged;
  return refuseForUnion(catalog, schema) ?? changed({ type: SCHEMA_ENABLED_FOR_PROFILE, data: { id } });
}

/** What keeps a schema out of profiles; `undefined` when nothing does. */
function refuseForUnion(catalog: SandboxCatalog, schema: SchemaDefinition & { readonly id: string }) {
  if (!schema.identityMap && !schema.identities.some((descriptor) => descriptor.primary)) {
    return refused('NO_PRIMARY_IDENTITY', `Nothing in the schema ${schema.id} says whose an item is.`);
  }
  const conflicts = unionConflicts(catalog.schemas.values(), schema);
  if (conflicts.length === 0) return undefined;
  const errors = conflicts.map(({ path, types: [type, other], schemas: [one, another] }) => {
    return { path, keyword: 'type', message: `is ${type} in the schema ${one} and ${other} in ${another}` };
  });
  const message = `The schema ${schema.id} does not fit into the union of the class ${schema.class}.`;
  return refused('UNION_CONFLICT', message, { errors, extra: { conflicts } });
}

function definitionErrors(catalog: SandboxCatalog, definition: SchemaDefinition): readonly FieldError[] {
  const reading = shapeReadingOf(definition);
  if ('errors' in reading) return reading.errors;
  const errors = identityErrors(catalog, definition, reading.shape);
  return errors.length > 0 ? errors : compilerErrors(definition);
}

/** All that the compiler refuses should have been found by now; if not, no item may be the first to find out. */
function compilerErrors(definition: SchemaDefinition): readonly FieldError[] {
  try {
    itemValidatorOf(definition);
    return [];
  } catch (error) {
    return [{ path: 'schema', message: error instanceof Error ? error.message : String(error) }];
  }
}

/** Namespaces as they were defined, so that the same definition has the same text. */
function asDefined(catalog: SandboxCatalog, definition: SchemaDefinition): SchemaDefinition {
  const { title, schema, identityMap } = definition;
  const identities = definition.identities.map(({ path, namespace, primary }) => {
    return { path, namespace: namespaceOf(catalog, namespace)?.code ?? namespace, primary };
  });
  return { title, class: definition.class, schema, identities, identityMap };
}

function sameDefinition(one: SchemaDefinition, other: SchemaDefinition): boolean {
  return textOf(one) === textOf(other);
}

function textOf({ title, class: schemaClass, schema, identities, identityMap }: SchemaDefinition): string {
  const descriptors = identities.map((descriptor): JsonObject => ({ ...descriptor }));
  return canonicalJson({ title, class: schemaClass, schema, identities: descriptors, identityMap });
}

function invalid(errors: readonly FieldError[]) {
  return refused('SCHEMA_INVALID', 'The schema cannot be taken as it is.', { errors });
}

function isSchemaClass(name: string): name is SchemaClass {
  return (SCHEMA_CLASSES as readonly string[]).includes(name);
}
