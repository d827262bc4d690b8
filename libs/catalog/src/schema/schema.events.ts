import { toRfc3339 } from '#core';

import type { Schema, SchemaDefinition } from './schema.js';

export const SCHEMA_DEFINED = 'SchemaDefined';
export const SCHEMA_EXTENDED = 'SchemaExtended';
export const SCHEMA_ENABLED_FOR_PROFILE = 'SchemaEnabledForProfile';

/** A whole version, so that no reader has to apply differences. */
export interface SchemaVersion extends SchemaDefinition {
  readonly id: string;
  readonly version: number;
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

export type SchemaEvent = SchemaDefined | SchemaExtended | SchemaEnabledForProfile;

/** `at`: epoch milliseconds. */
export function evolveSchema(schema: Schema | undefined, event: SchemaEvent, at: number): Schema | undefined {
  const updatedAt = toRfc3339(at);
  switch (event.type) {
    case SCHEMA_DEFINED:
    case SCHEMA_EXTENDED:
      return { ...event.data, enabled: schema?.enabled ?? false, createdAt: schema?.createdAt ?? updatedAt, updatedAt };
    case SCHEMA_ENABLED_FOR_PROFILE:
      return schema && { ...schema, enabled: true, updatedAt };
  }
}
