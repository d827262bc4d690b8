import type { SandboxId } from '#core';

import type { CatalogEvent, Recorded } from './catalog.events.js';
import {
  DATASET_CREATED,
  DATASET_DELETED,
  DATASET_DISABLED_FOR_PROFILE,
  DATASET_ENABLED_FOR_PROFILE,
  evolveDataset,
} from './dataset/dataset.events.js';
import type { Dataset } from './dataset/dataset.js';
import {
  evolveFieldGroup,
  FIELD_GROUP_DEFINED,
  FIELD_GROUP_DELETED,
  FIELD_GROUP_EXTENDED,
} from './field-group/field-group.events.js';
import type { FieldGroup } from './field-group/field-group.js';
import {
  evolveMergePolicy,
  MERGE_POLICY_CHANGED,
  MERGE_POLICY_CREATED,
  MERGE_POLICY_DELETED,
} from './merge-policy/merge-policy.events.js';
import type { MergePolicy } from './merge-policy/merge-policy.js';
import { evolveBlockedLink, IDENTITY_LINK_BLOCKED, IDENTITY_LINK_UNBLOCKED } from './identity/identity-link.events.js';
import { pairKey, type BlockedLink } from './identity/identity-link.js';
import { evolveIdentitySettings, IDENTITY_SETTINGS_CHANGED } from './identity/identity-settings.events.js';
import type { IdentitySettings } from './identity/identity-settings.js';
import { evolveNamespace, NAMESPACE_DEFINED } from './namespace/namespace.events.js';
import { namespaceKey, type Namespace } from './namespace/namespace.js';
import {
  evolveSchema,
  SCHEMA_DEFINED,
  SCHEMA_DELETED,
  SCHEMA_ENABLED_FOR_PROFILE,
  SCHEMA_EXTENDED,
} from './schema/schema.events.js';
import type { SchemaDocument } from './schema/schema.js';

/** What the read model `catalog` holds: one document per entity, its body as HTTP answers it. */
export type CatalogEntity =
  Namespace | FieldGroup | SchemaDocument | Dataset | MergePolicy | IdentitySettings | BlockedLink;

/** `<sandbox>/<kind>/<id>`: the document that an event changes. */
export function catalogDocumentKey(sandbox: SandboxId, { type, data }: CatalogEvent): string {
  switch (type) {
    case NAMESPACE_DEFINED:
      return `${sandbox}/namespace/${namespaceKey(data.code)}`;
    case FIELD_GROUP_DEFINED:
    case FIELD_GROUP_EXTENDED:
    case FIELD_GROUP_DELETED:
      return `${sandbox}/field-group/${data.id}`;
    case SCHEMA_DEFINED:
    case SCHEMA_EXTENDED:
    case SCHEMA_ENABLED_FOR_PROFILE:
    case SCHEMA_DELETED:
      return `${sandbox}/schema/${data.id}`;
    case DATASET_CREATED:
    case DATASET_ENABLED_FOR_PROFILE:
    case DATASET_DISABLED_FOR_PROFILE:
    case DATASET_DELETED:
      return `${sandbox}/dataset/${data.id}`;
    case MERGE_POLICY_CREATED:
    case MERGE_POLICY_CHANGED:
    case MERGE_POLICY_DELETED:
      return `${sandbox}/merge-policy/${data.id}`;
    case IDENTITY_SETTINGS_CHANGED:
      return `${sandbox}/settings/identity`;
    case IDENTITY_LINK_BLOCKED:
    case IDENTITY_LINK_UNBLOCKED:
      return `${sandbox}/blocked-link/${pairKey(data.a, data.b)}`;
  }
}

/**
 * The document after an event. `previous` is what was under the event's key. `undefined` when there is nothing (any
 * more): an event about what was never defined changes nothing.
 */
export function foldCatalogDocument(
  previous: CatalogEntity | undefined,
  { event, at }: Recorded<CatalogEvent>,
): CatalogEntity | undefined {
  switch (event.type) {
    case NAMESPACE_DEFINED:
      return evolveNamespace(event, at);
    case FIELD_GROUP_DEFINED:
    case FIELD_GROUP_EXTENDED:
    case FIELD_GROUP_DELETED:
      return evolveFieldGroup(previous as FieldGroup | undefined, event, at);
    case SCHEMA_DEFINED:
    case SCHEMA_EXTENDED:
    case SCHEMA_ENABLED_FOR_PROFILE:
    case SCHEMA_DELETED:
      return evolveSchema(previous as SchemaDocument | undefined, event, at);
    case DATASET_CREATED:
    case DATASET_ENABLED_FOR_PROFILE:
    case DATASET_DISABLED_FOR_PROFILE:
    case DATASET_DELETED:
      return evolveDataset(previous as Dataset | undefined, event, at);
    case MERGE_POLICY_CREATED:
    case MERGE_POLICY_CHANGED:
    case MERGE_POLICY_DELETED:
      return evolveMergePolicy(previous as MergePolicy | undefined, event, at);
    case IDENTITY_SETTINGS_CHANGED:
      return evolveIdentitySettings(event, at);
    case IDENTITY_LINK_BLOCKED:
    case IDENTITY_LINK_UNBLOCKED:
      return evolveBlockedLink(event, at);
  }
}
