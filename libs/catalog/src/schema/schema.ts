import type { JsonObject } from '#core';

import type { FieldGroup } from '../field-group/field-group.js';

/** The classes that are there from the start. Any other name is a record class of the user's own. */
export const BUILT_IN_CLASSES = [
  'profile',
  'experienceevent',
  'account',
  'opportunity',
  'account-person',
  'opportunity-person',
] as const;

/** What items of a schema are: one of `BUILT_IN_CLASSES` or a name of the user's. Only schemas of one class are united. */
export type SchemaClass = string;

/** Says that the string at a path of every item is an identity of this namespace. */
export interface IdentityDescriptor {
  /** Dotted; through objects only. */
  readonly path: string;
  /** Code as the namespace was defined. */
  readonly namespace: string;
  /** The owner of the item. At most one per schema. */
  readonly primary: boolean;
}

/** What a client says about a schema. */
export interface SchemaDefinition {
  readonly title: string;
  readonly class: SchemaClass;
  /** JSON Schema 2020-12, as it came; see `schema-keywords.ts` for what of it is taken. */
  readonly schema: JsonObject;
  /** Ids of the field groups whose properties belong to its items too. */
  readonly fieldGroups: readonly string[];
  readonly identities: readonly IdentityDescriptor[];
  /** The primary identity of items comes in their `identityMap`. */
  readonly identityMap: boolean;
}

/** All of which the shape of a schema's items is made. */
export interface SchemaContent extends Pick<SchemaDefinition, 'class' | 'schema'> {
  /** The groups that `fieldGroups` names, in that order; `NO_GROUPS` rather than another empty list. */
  readonly groups?: readonly FieldGroup[];
}

/** The current version of a schema, as HTTP answers it. */
export interface SchemaDocument extends SchemaDefinition {
  readonly id: string;
  /** Counts from 1. */
  readonly version: number;
  /** Part of the union of its class. */
  readonly enabled: boolean;
  /** RFC 3339. */
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** The current version of a schema with the current versions of its field groups, as the catalog holds it. */
export interface Schema extends SchemaDocument {
  readonly groups: readonly FieldGroup[];
}

/** What HTTP answers of a schema that the catalog holds. */
export function schemaDocument({ groups: _groups, ...document }: Schema): SchemaDocument {
  return document;
}

/** Whether its items become records, which are replaced, or events, which are kept one by one. */
export function isEventClass(schemaClass: SchemaClass): boolean {
  return schemaClass === 'experienceevent';
}

/** Whether its items belong to people, whose identities make the graph. */
export function isPeopleClass(schemaClass: SchemaClass): boolean {
  return schemaClass === 'profile' || isEventClass(schemaClass);
}
