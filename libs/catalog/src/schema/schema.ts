import type { JsonObject } from '#core';

/** What items of a schema are. Only schemas of one class are united. */
export const SCHEMA_CLASSES = ['profile', 'experienceevent'] as const;
export type SchemaClass = (typeof SCHEMA_CLASSES)[number];

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
  readonly identities: readonly IdentityDescriptor[];
  /** The primary identity of items comes in their `identityMap`. */
  readonly identityMap: boolean;
}

/** The current version of a schema, as HTTP answers it. */
export interface Schema extends SchemaDefinition {
  readonly id: string;
  /** Counts from 1. */
  readonly version: number;
  /** Part of the union of its class. */
  readonly enabled: boolean;
  /** RFC 3339. */
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** Whether its items become records, which are replaced, or events, which are kept one by one. */
export function isEventClass(schemaClass: SchemaClass): boolean {
  return schemaClass === 'experienceevent';
}
