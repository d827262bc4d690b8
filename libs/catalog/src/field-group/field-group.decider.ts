import { canonicalJson, type FieldError } from '#core';

import { changed, created, refused, unchanged, type Decision } from '../decision.js';
import { refuseResourceId } from '../resource-id.js';
import type { SandboxCatalog } from '../sandbox-catalog.js';
import { datasetsOf } from '../schema/schema.decider.js';
import type { Schema } from '../schema/schema.js';
import { incompatibilities, shapeDifferences } from '../schema/schema-evolution.js';
import { groupShapeOf, groupShapeReadingOf, shapeReadingOf } from '../schema/schema-shape.js';
import type { Shape } from '../schema/shape.js';
import { refuseConflicts } from '../union/refuse-conflicts.js';
import { conflictsAmong } from '../union/union-conflicts.js';
import { withGroup, type FieldGroup, type FieldGroupDefinition } from './field-group.js';
import {
  FIELD_GROUP_DEFINED,
  FIELD_GROUP_DELETED,
  FIELD_GROUP_EXTENDED,
  type FieldGroupDeleted,
  type FieldGroupEvent,
} from './field-group.events.js';

export interface DefineFieldGroup extends Omit<FieldGroupDefinition, 'title'> {
  readonly id: string;
  /** The id by default. */
  readonly title?: string | undefined;
}

/** Defines a field group, replaces one that no schema uses, or extends one that schemas use, and so extends them. */
export function defineFieldGroup(
  catalog: SandboxCatalog,
  { id, title, properties }: DefineFieldGroup,
): Decision<FieldGroupEvent> {
  const invalidId = refuseResourceId(id);
  if (invalidId !== undefined) return invalidId;
  const reading = groupShapeReadingOf(properties);
  if ('errors' in reading) {
    return refused('FIELD_GROUP_INVALID', 'The field group cannot be taken as it is.', { errors: reading.errors });
  }
  const existing = catalog.fieldGroups.get(id);
  const definition = { title: title ?? id, properties };
  if (existing === undefined) return created({ type: FIELD_GROUP_DEFINED, data: { id, version: 1, ...definition } });
  if (sameDefinition(existing, definition)) return unchanged;
  const data = { id, version: existing.version + 1, ...definition };
  const users = schemasOf(catalog, id);
  if (users.length === 0) return changed({ type: FIELD_GROUP_DEFINED, data });
  const unfit = refuseForUsers(catalog, existing, { ...existing, ...data }, reading.shape, users);
  return unfit ?? changed({ type: FIELD_GROUP_EXTENDED, data });
}

/** Only of a group that no schema uses. */
export function deleteFieldGroup(
  catalog: SandboxCatalog,
  { id }: { readonly id: string },
): Decision<FieldGroupDeleted> {
  if (!catalog.fieldGroups.has(id)) {
    return refused('FIELD_GROUP_NOT_FOUND', `There is no field group ${JSON.stringify(id)}.`);
  }
  const schemas = schemasOf(catalog, id).map((schema) => schema.id);
  if (schemas.length === 0) return changed({ type: FIELD_GROUP_DELETED, data: { id } });
  const message = `The field group ${id} is used by the schemas ${schemas.join(', ')}.`;
  return refused('FIELD_GROUP_IN_USE', message, { extra: { schemas } });
}

function schemasOf({ schemas }: Pick<SandboxCatalog, 'schemas'>, group: string): readonly Schema[] {
  return [...schemas.values()].filter(({ fieldGroups }) => fieldGroups.includes(group));
}

/** What keeps the schemas that use a group from following it; `undefined` when all of them can. */
function refuseForUsers(
  catalog: SandboxCatalog,
  before: FieldGroup,
  after: FieldGroup,
  shape: Shape,
  users: readonly Schema[],
) {
  const { id } = before;
  const differences = shapeDifferences(groupShapeOf(before.properties), shape);
  if (differences.length > 0) {
    const message = `Schemas use the field group ${id}, so it can only be extended.`;
    return incompatible(message, differences, users);
  }
  const followers = users.map((schema): Schema => ({ ...schema, groups: withGroup(schema.groups, after) }));
  for (const [index, follower] of followers.entries()) {
    const errors = followingErrors(catalog, users[index] as Schema, follower, id);
    if (errors.length === 0) continue;
    return incompatible(`The schema ${follower.id} cannot follow the field group ${id}.`, errors, [follower]);
  }
  return refuseForUnions(catalog, id, followers);
}

/** What is wrong with one schema once it has the group's new version. */
function followingErrors(catalog: SandboxCatalog, before: Schema, after: Schema, group: string): readonly FieldError[] {
  const reading = shapeReadingOf(after);
  if ('shape' in reading) return datasetsOf(catalog, after.id).length > 0 ? incompatibilities(before, after) : [];
  const within = `fieldGroups[${after.fieldGroups.indexOf(group)}].`;
  return reading.errors.map((error) => {
    return error.path.startsWith(within) ? { ...error, path: error.path.slice(within.length) } : error;
  });
}

function refuseForUnions(catalog: SandboxCatalog, group: string, followers: readonly Schema[]) {
  const enabled = followers.filter((schema) => schema.enabled);
  const isFollower = new Set(enabled.map(({ id }) => id));
  const others = [...catalog.schemas.values()].filter((schema) => schema.enabled && !isFollower.has(schema.id));
  for (const schemaClass of new Set(enabled.map((schema) => schema.class))) {
    const members = [...others, ...enabled].filter((schema) => schema.class === schemaClass);
    const unfit = refuseConflicts(`The field group ${group}`, schemaClass, conflictsAmong(members));
    if (unfit !== undefined) return unfit;
  }
  return undefined;
}

function incompatible(message: string, errors: readonly FieldError[], schemas: readonly Schema[]) {
  return refused('FIELD_GROUP_INCOMPATIBLE', message, { errors, extra: { schemas: schemas.map(({ id }) => id) } });
}

function sameDefinition(one: FieldGroupDefinition, other: FieldGroupDefinition): boolean {
  return one.title === other.title && canonicalJson(one.properties) === canonicalJson(other.properties);
}
