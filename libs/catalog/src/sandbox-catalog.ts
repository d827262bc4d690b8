import type { SandboxId } from '#core';

import type { CatalogEvent, Recorded } from './catalog.events.js';
import {
  DATASET_CREATED,
  DATASET_DISABLED_FOR_PROFILE,
  DATASET_ENABLED_FOR_PROFILE,
  evolveDataset,
} from './dataset/dataset.events.js';
import type { Dataset } from './dataset/dataset.js';
import { BUILT_IN_NAMESPACES } from './namespace/built-in-namespaces.js';
import { evolveNamespace, NAMESPACE_DEFINED } from './namespace/namespace.events.js';
import { namespaceKey, type Namespace, type Namespaces } from './namespace/namespace.js';
import { evolveSchema, SCHEMA_DEFINED, SCHEMA_ENABLED_FOR_PROFILE, SCHEMA_EXTENDED } from './schema/schema.events.js';
import type { Schema } from './schema/schema.js';

/** Everything that is defined in one sandbox, at one revision of its catalog stream. Never changed in place. */
export interface SandboxCatalog {
  readonly sandbox: SandboxId;
  /** By `namespaceKey`; built-in ones included. */
  readonly namespaces: Namespaces;
  readonly schemas: ReadonlyMap<string, Schema>;
  readonly datasets: ReadonlyMap<string, Dataset>;
}

export function emptyCatalog(sandbox: SandboxId): SandboxCatalog {
  return { sandbox, namespaces: BUILT_IN_NAMESPACES, schemas: new Map(), datasets: new Map() };
}

export function evolveCatalog(catalog: SandboxCatalog, { event, at }: Recorded<CatalogEvent>): SandboxCatalog {
  switch (event.type) {
    case NAMESPACE_DEFINED: {
      const key = namespaceKey(event.data.code);
      return { ...catalog, namespaces: put(catalog.namespaces, key, evolveNamespace(event, at)) };
    }
    case SCHEMA_DEFINED:
    case SCHEMA_EXTENDED:
    case SCHEMA_ENABLED_FOR_PROFILE: {
      const { id } = event.data;
      return { ...catalog, schemas: put(catalog.schemas, id, evolveSchema(catalog.schemas.get(id), event, at)) };
    }
    case DATASET_CREATED:
    case DATASET_ENABLED_FOR_PROFILE:
    case DATASET_DISABLED_FOR_PROFILE: {
      const { id } = event.data;
      return { ...catalog, datasets: put(catalog.datasets, id, evolveDataset(catalog.datasets.get(id), event, at)) };
    }
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

function put<V>(map: ReadonlyMap<string, V>, key: string, value: V | undefined): ReadonlyMap<string, V> {
  return value === undefined ? map : new Map(map).set(key, value);
}
