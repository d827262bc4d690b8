import { canonicalJson, type FieldError, type JsonObject } from '#core';

import { changed, created, refused, unchanged, type Decision } from '../decision.js';
import { NO_GROUPS, type FieldGroup } from '../field-group/field-group.js';
import { refuseResourceId } from '../resource-id.js';
import { namespaceOf, type SandboxCatalog } from '../sandbox-catalog.js';
import { refuseConflicts } from '../union/refuse-conflicts.js';
import { unionConflicts } from '../union/union-conflicts.js';
import { itemValidatorOf } from '../validation/item-validator.js';
import { identityErrors } from './check-identities.js';
import { classFault } from './schema-class.js';
import { incompatibilities } from './schema-evolution.js';
import { shapeReadingOf } from './schema-shape.js';
import {
  SCHEMA_DEFINED,
  SCHEMA_DELETED,
  SCHEMA_ENABLED_FOR_PROFILE,
  SCHEMA_EXTENDED,
  type SchemaDeleted,
  type SchemaEnabledForProfile,
  type SchemaEvent,
} from './schema.events.js';
import type { Schema, SchemaContent, SchemaDefinition } from './schema.js';

export interface DefineSchema extends Omit<SchemaDefinition, 'fieldGroups'> {
  readonly id: string;
  /** None by default. */
  readonly fieldGroups?: readonly string[];
}

/** A definition together with the groups that it names. */
type ComposedDefinition = SchemaDefinition & Required<SchemaContent>;

/** Defines a schema, replaces one that no dataset names, or extends one that is in use. */
export function defineSchema(catalog: SandboxCatalog, { id, ...wanted }: DefineSchema): Decision<SchemaEvent> {
  const invalidId = refuseResourceId(id);
  if (invalidId !== undefined) return invalidId;
  const definition = asDefined(catalog, wanted);
  const named = groupsNamed(catalog, definition.fieldGroups);
  if ('errors' in named) return invalid(named.errors);
  const composed = { ...definition, groups: named.groups };
  const errors = definitionErrors(catalog, composed);
  if (errors.length > 0) return invalid(errors);
  const existing = catalog.schemas.get(id);
  if (existing !== undefined) return changeSchema(catalog, existing, definition, composed);
  return created({ type: SCHEMA_DEFINED, data: { id, version: 1, ...definition } });
}

function changeSchema(
  catalog: SandboxCatalog,
  existing: Schema,
  definition: SchemaDefinition,
  composed: ComposedDefinition,
): Decision<SchemaEvent> {
  if (sameDefinition(existing, definition)) return unchanged;
  const { id } = existing;
  const isInUse = datasetsOf(catalog, id).length > 0;
  const errors = isInUse ? incompatibilities(existing, composed) : [];
  if (errors.length > 0) {
    const message = `Datasets use the schema ${id}, so it can only be extended.`;
    return refused('SCHEMA_INCOMPATIBLE', message, { errors });
  }
  const unfit = existing.enabled ? refuseForUnion(catalog, { id, ...composed }) : undefined;
  if (unfit !== undefined) return unfit;
  const data = { id, version: existing.version + 1, ...definition };
  return changed({ type: isInUse ? SCHEMA_EXTENDED : SCHEMA_DEFINED, data });
}

/** Makes a schema part of the union of its class, for as long as it is there. */
export function enableSchema(
  catalog: SandboxCatalog,
  { id }: { readonly id: string },
): Decision<SchemaEnabledForProfile> {
  const schema = catalog.schemas.get(id);
  if (schema === undefined) return refuseUnknown(id);
  if (schema.enabled) return unchanged;
  return refuseForUnion(catalog, schema) ?? changed({ type: SCHEMA_ENABLED_FOR_PROFILE, data: { id } });
}

/** Only of a schema that no dataset names; an enabled one leaves the union. */
export function deleteSchema(catalog: SandboxCatalog, { id }: { readonly id: string }): Decision<SchemaDeleted> {
  if (!catalog.schemas.has(id)) return refuseUnknown(id);
  const datasets = datasetsOf(catalog, id);
  if (datasets.length === 0) return changed({ type: SCHEMA_DELETED, data: { id } });
  const message = `The schema ${id} is that of the datasets ${datasets.join(', ')}.`;
  return refused('SCHEMA_IN_USE', message, { extra: { datasets } });
}

/** Ids of the datasets that name a schema: it is in use. */
export function datasetsOf({ datasets }: Pick<SandboxCatalog, 'datasets'>, schema: string): readonly string[] {
  return [...datasets.values()].filter((dataset) => dataset.schema === schema).map(({ id }) => id);
}

/** What keeps a schema out of profiles; `undefined` when nothing does. */
function refuseForUnion(catalog: SandboxCatalog, schema: ComposedDefinition & { readonly id: string }) {
  if (!schema.identityMap && !schema.identities.some((descriptor) => descriptor.primary)) {
    return refused('NO_PRIMARY_IDENTITY', `Nothing in the schema ${schema.id} says whose an item is.`);
  }
  const conflicts = unionConflicts(catalog.schemas.values(), schema);
  return refuseConflicts(`The schema ${schema.id}`, schema.class, conflicts);
}

function groupsNamed(
  { fieldGroups }: Pick<SandboxCatalog, 'fieldGroups'>,
  ids: readonly string[],
): { readonly groups: readonly FieldGroup[] } | { readonly errors: readonly FieldError[] } {
  const errors: FieldError[] = [];
  const groups = ids.flatMap((id, index): readonly FieldGroup[] => {
    const path = `fieldGroups[${index}]`;
    const group = fieldGroups.get(id);
    if (group === undefined) errors.push({ path, message: `there is no field group ${JSON.stringify(id)}` });
    else if (ids.indexOf(id) < index) errors.push({ path, message: 'names a group for the second time' });
    return group === undefined ? [] : [group];
  });
  if (errors.length > 0) return { errors };
  return { groups: groups.length === 0 ? NO_GROUPS : groups };
}

function definitionErrors(catalog: SandboxCatalog, definition: ComposedDefinition): readonly FieldError[] {
  const fault = classFault(definition.class);
  if (fault !== undefined) return [{ path: 'class', message: fault }];
  const reading = shapeReadingOf(definition);
  if ('errors' in reading) return reading.errors;
  const errors = identityErrors(catalog, definition, reading.shape);
  return errors.length > 0 ? errors : compilerErrors(definition);
}

/** All that the compiler refuses should have been found by now; if not, no item may be the first to find out. */
function compilerErrors(content: SchemaContent): readonly FieldError[] {
  try {
    itemValidatorOf(content);
    return [];
  } catch (error) {
    return [{ path: 'schema', message: error instanceof Error ? error.message : String(error) }];
  }
}

/** Namespaces as they were defined, so that the same definition has the same text. */
function asDefined(catalog: SandboxCatalog, definition: Omit<DefineSchema, 'id'>): SchemaDefinition {
  const { title, schema, fieldGroups = [], identityMap } = definition;
  const identities = definition.identities.map(({ path, namespace, primary }) => {
    return { path, namespace: namespaceOf(catalog, namespace)?.code ?? namespace, primary };
  });
  return { title, class: definition.class, schema, fieldGroups, identities, identityMap };
}

function sameDefinition(one: SchemaDefinition, other: SchemaDefinition): boolean {
  return textOf(one) === textOf(other);
}

function textOf({ title, class: schemaClass, schema, fieldGroups, identities, identityMap }: SchemaDefinition): string {
  const descriptors = identities.map((descriptor): JsonObject => ({ ...descriptor }));
  return canonicalJson({ title, class: schemaClass, schema, fieldGroups, identities: descriptors, identityMap });
}

function invalid(errors: readonly FieldError[]) {
  return refused('SCHEMA_INVALID', 'The schema cannot be taken as it is.', { errors });
}

function refuseUnknown(id: string) {
  return refused('SCHEMA_NOT_FOUND', `There is no schema ${JSON.stringify(id)}.`);
}
