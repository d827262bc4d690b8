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
  type FieldGroupEvent,
} from './field-group/field-group.events.js';
import { NO_GROUPS, withGroup, type FieldGroup } from './field-group/field-group.js';
import { evolveDefaultMerge, FIRST_DEFAULT_MERGE, type DefaultMerge } from './merge-policy/default-merge.js';
import {
  evolveMergePolicy,
  MERGE_POLICY_CHANGED,
  MERGE_POLICY_CREATED,
  MERGE_POLICY_DELETED,
  type MergePolicyEvent,
} from './merge-policy/merge-policy.events.js';
import { FIRST_MERGE_POLICY, type MergePolicy } from './merge-policy/merge-policy.js';
import {
  IDENTITY_LINK_BLOCKED,
  IDENTITY_LINK_UNBLOCKED,
  type IdentityLinkEvent,
} from './identity/identity-link.events.js';
import { pairKey, type BlockedLinks } from './identity/identity-link.js';
import { evolveIdentitySettings, IDENTITY_SETTINGS_CHANGED } from './identity/identity-settings.events.js';
import { DEFAULT_IDENTITY_SETTINGS, type IdentitySettings } from './identity/identity-settings.js';
import { BUILT_IN_NAMESPACES } from './namespace/built-in-namespaces.js';
import { evolveNamespace, NAMESPACE_DEFINED } from './namespace/namespace.events.js';
import { namespaceKey, type Namespace, type Namespaces } from './namespace/namespace.js';
import {
  evolveSchema,
  SCHEMA_DEFINED,
  SCHEMA_DELETED,
  SCHEMA_ENABLED_FOR_PROFILE,
  SCHEMA_EXTENDED,
  type SchemaEvent,
} from './schema/schema.events.js';
import type { Schema, SchemaDocument } from './schema/schema.js';

/** Everything that is defined in one sandbox, at one revision of its catalog stream. Never changed in place. */
export interface SandboxCatalog {
  readonly sandbox: SandboxId;
  /** By `namespaceKey`; built-in ones included. */
  readonly namespaces: Namespaces;
  readonly fieldGroups: ReadonlyMap<string, FieldGroup>;
  readonly schemas: ReadonlyMap<string, Schema>;
  readonly datasets: ReadonlyMap<string, Dataset>;
  /** The one that comes with the sandbox included. */
  readonly mergePolicies: ReadonlyMap<string, MergePolicy>;
  readonly defaultMerge: DefaultMerge;
  readonly identitySettings: IdentitySettings;
  /** By `pairKey`. */
  readonly blockedLinks: BlockedLinks;
}

export function emptyCatalog(sandbox: SandboxId): SandboxCatalog {
  return {
    sandbox,
    namespaces: BUILT_IN_NAMESPACES,
    fieldGroups: new Map(),
    schemas: new Map(),
    datasets: new Map(),
    mergePolicies: new Map([[FIRST_MERGE_POLICY.id, FIRST_MERGE_POLICY]]),
    defaultMerge: FIRST_DEFAULT_MERGE,
    identitySettings: DEFAULT_IDENTITY_SETTINGS,
    blockedLinks: new Set(),
  };
}

export function evolveCatalog(catalog: SandboxCatalog, { event, at }: Recorded<CatalogEvent>): SandboxCatalog {
  switch (event.type) {
    case NAMESPACE_DEFINED: {
      const key = namespaceKey(event.data.code);
      return { ...catalog, namespaces: put(catalog.namespaces, key, evolveNamespace(event, at)) };
    }
    case FIELD_GROUP_DEFINED:
    case FIELD_GROUP_EXTENDED:
    case FIELD_GROUP_DELETED:
      return evolveFieldGroups(catalog, event, at);
    case SCHEMA_DEFINED:
    case SCHEMA_EXTENDED:
    case SCHEMA_ENABLED_FOR_PROFILE:
    case SCHEMA_DELETED:
      return evolveSchemas(catalog, event, at);
    case DATASET_CREATED:
    case DATASET_ENABLED_FOR_PROFILE:
    case DATASET_DISABLED_FOR_PROFILE:
    case DATASET_DELETED: {
      const { id } = event.data;
      return { ...catalog, datasets: put(catalog.datasets, id, evolveDataset(catalog.datasets.get(id), event, at)) };
    }
    case MERGE_POLICY_CREATED:
    case MERGE_POLICY_CHANGED:
    case MERGE_POLICY_DELETED:
      return evolveMergePolicies(catalog, event, at);
    case IDENTITY_SETTINGS_CHANGED:
      return { ...catalog, identitySettings: evolveIdentitySettings(event, at) };
    case IDENTITY_LINK_BLOCKED:
    case IDENTITY_LINK_UNBLOCKED:
      return { ...catalog, blockedLinks: evolveBlockedLinks(catalog.blockedLinks, event) };
  }
}

/** The namespace of this code, whatever its case. */
export function namespaceOf(catalog: Pick<SandboxCatalog, 'namespaces'>, code: string): Namespace | undefined {
  return catalog.namespaces.get(namespaceKey(code));
}

/** Whether items that come in now are to show in profiles. */
export function isShown(catalog: SandboxCatalog, dataset: Dataset): boolean {
  return dataset.enabled && catalog.schemas.get(dataset.schema)?.enabled === true;
}

/** Whoever becomes the default takes that over from the one that was it. */
function evolveMergePolicies(catalog: SandboxCatalog, event: MergePolicyEvent, at: number): SandboxCatalog {
  const { id } = event.data;
  const policy = evolveMergePolicy(catalog.mergePolicies.get(id), event, at);
  let mergePolicies = put(catalog.mergePolicies, id, policy);
  if (policy?.default === true) {
    for (const other of catalog.mergePolicies.values()) {
      if (other.id === id || other.class !== policy.class || !other.default) continue;
      mergePolicies = put(mergePolicies, other.id, { ...other, default: false });
    }
  }
  return { ...catalog, mergePolicies, defaultMerge: evolveDefaultMerge(catalog.defaultMerge, event) };
}

/** A schema that uses a group follows it. */
function evolveFieldGroups(catalog: SandboxCatalog, event: FieldGroupEvent, at: number): SandboxCatalog {
  const { id } = event.data;
  const group = evolveFieldGroup(catalog.fieldGroups.get(id), event, at);
  const users = [...catalog.schemas.values()].filter(({ fieldGroups }) => fieldGroups.includes(id));
  const schemas = users.reduce(
    (all, user) => put(all, user.id, group && { ...user, groups: withGroup(user.groups, group) }),
    catalog.schemas,
  );
  return { ...catalog, fieldGroups: put(catalog.fieldGroups, id, group), schemas };
}

function evolveSchemas(catalog: SandboxCatalog, event: SchemaEvent, at: number): SandboxCatalog {
  const { id } = event.data;
  const before = catalog.schemas.get(id);
  const document = evolveSchema(before, event, at);
  const schema = document && { ...document, groups: groupsOf(catalog, document, before) };
  return { ...catalog, schemas: put(catalog.schemas, id, schema) };
}

/** The list of before when nothing in it is another: what is kept by it stays. */
function groupsOf(
  catalog: SandboxCatalog,
  { fieldGroups }: SchemaDocument,
  before: Schema | undefined,
): readonly FieldGroup[] {
  if (fieldGroups.length === 0) return NO_GROUPS;
  const groups = fieldGroups.map((id) => catalog.fieldGroups.get(id)).filter((group) => group !== undefined);
  const same =
    before?.groups.length === groups.length && groups.every((group, index) => group === before.groups[index]);
  return same ? before.groups : groups;
}

function evolveBlockedLinks(before: BlockedLinks, { type, data: { a, b } }: IdentityLinkEvent): BlockedLinks {
  const after = new Set(before);
  if (type === IDENTITY_LINK_BLOCKED) after.add(pairKey(a, b));
  else after.delete(pairKey(a, b));
  return after;
}

/** `undefined`: it is not there any more. */
function put<V>(map: ReadonlyMap<string, V>, key: string, value: V | undefined): ReadonlyMap<string, V> {
  if (value !== undefined) return new Map(map).set(key, value);
  if (!map.has(key)) return map;
  const rest = new Map(map);
  rest.delete(key);
  return rest;
}
