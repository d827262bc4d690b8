import type { JsonObject } from '#core';

/** What a client says about a field group. */
export interface FieldGroupDefinition {
  readonly title: string;
  /** As the `properties` of a JSON Schema, without references. */
  readonly properties: JsonObject;
}

/** Properties that schemas share, in their current version, as HTTP answers it. */
export interface FieldGroup extends FieldGroupDefinition {
  readonly id: string;
  /** Counts from 1. */
  readonly version: number;
  /** RFC 3339. */
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** Of a schema that uses none. One list for all of them, so that what is kept by it is found again. */
export const NO_GROUPS: readonly FieldGroup[] = [];

/** The groups of a schema with one of them in another version. */
export function withGroup(groups: readonly FieldGroup[], group: FieldGroup): readonly FieldGroup[] {
  return groups.map((known) => (known.id === group.id ? group : known));
}
