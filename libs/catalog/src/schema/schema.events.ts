import { toRfc3339 } from '#core';

import type { SchemaDefinition, SchemaDocument } from './schema.js';

export const SCHEMA_DEFINED = 'SchemaDefined';
export const SCHEMA_EXTENDED = 'SchemaExtended';
export const SCHEMA_ENABLED_FOR_PROFILE = 'SchemaEnabledForProfile';
export const SCHEMA_DELETED = 'SchemaDeleted';

/** A whole version, so that no reader has to apply differences. */
export interface SchemaVersion extends Omit<SchemaDefinition, 'fieldGroups'> {
  readonly id: string;
  readonly version: number;
  /** Absent from what was written before there were field groups. */
  readonly fieldGroups?: readonly string[];
}

/** New, or replaced while no dataset named it. */
export interface SchemaDefined {
  readonly type: typeof SCHEMA_DEFINED;
  readonly data: SchemaVersion;
}

/** Everything that was valid before still is. */
export interface SchemaExtended {
  readonly type: typeof SCHEMA_EXTENDED;
  readonly data: SchemaVersion;
}

export interface SchemaEnabledForProfile {
  readonly type: typeof SCHEMA_ENABLED_FOR_PROFILE;
  readonly data: { readonly id: string };
}

/** No dataset named it. */
export interface SchemaDeleted {
  readonly type: typeof SCHEMA_DELETED;
  readonly data: { readonly id: string };
}

export type SchemaEvent = SchemaDefined | SchemaExtended | SchemaEnabledForProfile | SchemaDeleted;

/** `undefined` once it is deleted. `at`: epoch milliseconds. */
export function evolveSchema(
  schema: SchemaDocument | undefined,
  event: SchemaEvent,
  at: number,
): SchemaDocument | undefined {
  const updatedAt = toRfc3339(at);
  switch (event.type) {
    case SCHEMA_DEFINED:
    case SCHEMA_EXTENDED:
      return schemaVersion(event.data, schema, updatedAt);
    case SCHEMA_ENABLED_FOR_PROFILE:
      return schema && { ...schema, enabled: true, updatedAt };
    case SCHEMA_DELETED:
      return undefined;
  }
}

function schemaVersion(version: SchemaVersion, before: SchemaDocument | undefined, updatedAt: string): SchemaDocument {
  const { fieldGroups = [] } = version;
  const createdAt = before?.createdAt ?? updatedAt;
  return { ...version, fieldGroups, enabled: before?.enabled ?? false, createdAt, updatedAt };
}
