import type { DatasetEvent } from './dataset/dataset.events.js';
import type { FieldGroupEvent } from './field-group/field-group.events.js';
import type { MergePolicyEvent } from './merge-policy/merge-policy.events.js';
import type { IdentityLinkEvent } from './identity/identity-link.events.js';
import type { IdentitySettingsChanged } from './identity/identity-settings.events.js';
import type { NamespaceDefined } from './namespace/namespace.events.js';
import type { SchemaEvent } from './schema/schema.events.js';

/** Events of the stream `catalog-<sandbox>`. All are at version 1. */
export type CatalogEvent =
  | NamespaceDefined
  | FieldGroupEvent
  | SchemaEvent
  | DatasetEvent
  | MergePolicyEvent
  | IdentitySettingsChanged
  | IdentityLinkEvent;

/** A type that is not listed here does not compile. */
const TYPES: Readonly<Record<CatalogEvent['type'], true>> = {
  NamespaceDefined: true,
  FieldGroupDefined: true,
  FieldGroupExtended: true,
  FieldGroupDeleted: true,
  SchemaDefined: true,
  SchemaExtended: true,
  SchemaEnabledForProfile: true,
  SchemaDeleted: true,
  DatasetCreated: true,
  DatasetEnabledForProfile: true,
  DatasetDisabledForProfile: true,
  DatasetDeleted: true,
  MergePolicyCreated: true,
  MergePolicyChanged: true,
  MergePolicyDeleted: true,
  IdentitySettingsChanged: true,
  IdentityLinkBlocked: true,
  IdentityLinkUnblocked: true,
};

export const CATALOG_EVENT_TYPES: readonly string[] = Object.keys(TYPES);

/** An event together with what the log knows of it. */
export interface Recorded<Event> {
  readonly event: Event;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** `undefined` for types that are not ours: the stream holds merge policies too. */
export function decodeCatalogEvent(type: string, data: string): CatalogEvent | undefined {
  return Object.hasOwn(TYPES, type) ? ({ type, data: JSON.parse(data) as unknown } as CatalogEvent) : undefined;
}
