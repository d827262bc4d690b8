import type { FieldError } from '#core';

import { changed, created, refused, unchanged, type Decision } from '../decision.js';
import { refuseResourceId } from '../resource-id.js';
import type { SandboxCatalog } from '../sandbox-catalog.js';
import { isPeopleClass } from '../schema/schema.js';
import {
  DATASET_CREATED,
  DATASET_DISABLED_FOR_PROFILE,
  DATASET_ENABLED_FOR_PROFILE,
  type DatasetCreated,
  type DatasetDisabledForProfile,
  type DatasetEnabledForProfile,
} from './dataset.events.js';
import type { Dataset } from './dataset.js';

export interface CreateDataset {
  readonly id: string;
  readonly schema: string;
  /** False by default. */
  readonly upsert?: boolean;
  /** `arrival` by default. */
  readonly ordering?: string;
}

export interface EnableDataset {
  readonly id: string;
  /** Also show what came in before. */
  readonly backfill?: boolean;
}

export function createDataset(catalog: SandboxCatalog, command: CreateDataset): Decision<DatasetCreated> {
  const { id, schema, upsert = false, ordering = 'arrival' } = command;
  const refusal = refuseResourceId(id) ?? refuseUnsupported({ upsert, ordering });
  if (refusal !== undefined) return refusal;
  const existing = catalog.datasets.get(id);
  if (existing !== undefined) return existing.schema === schema ? unchanged : refuseDifferent(existing);
  if (!catalog.schemas.has(schema)) {
    const errors = [{ path: 'schema', message: `there is no schema ${JSON.stringify(schema)}` }];
    return refused('SCHEMA_NOT_FOUND', 'A dataset holds items of a schema that is defined.', { errors });
  }
  return (
    refuseClass(catalog, schema) ??
    created({ type: DATASET_CREATED, data: { id, schema, upsert: false, ordering: 'arrival' } })
  );
}

export function enableDataset(
  catalog: SandboxCatalog,
  { id, backfill = false }: EnableDataset,
): Decision<DatasetEnabledForProfile> {
  const dataset = catalog.datasets.get(id);
  if (dataset === undefined) return refuseUnknown(id);
  if (backfill) {
    const message = 'items that came in before cannot be shown yet: enable without backfill';
    return refused('NOT_SUPPORTED', `Backfill: ${message}.`, { errors: [{ path: 'backfill', message }] });
  }
  if (dataset.enabled) return unchanged;
  if (catalog.schemas.get(dataset.schema)?.enabled !== true) {
    return refused('SCHEMA_NOT_ENABLED', `The schema ${dataset.schema} of the dataset ${id} is not enabled.`);
  }
  return changed({ type: DATASET_ENABLED_FOR_PROFILE, data: { id } });
}

export function disableDataset(
  catalog: SandboxCatalog,
  { id }: { readonly id: string },
): Decision<DatasetDisabledForProfile> {
  const dataset = catalog.datasets.get(id);
  if (dataset === undefined) return refuseUnknown(id);
  return dataset.enabled ? changed({ type: DATASET_DISABLED_FOR_PROFILE, data: { id } }) : unchanged;
}

function refuseUnsupported({ upsert, ordering }: { readonly upsert: boolean; readonly ordering: string }) {
  const errors: FieldError[] = [];
  if (upsert) errors.push({ path: 'upsert', message: 'must be false: records replace, patches are not taken yet' });
  if (ordering !== 'arrival') {
    errors.push({ path: 'ordering', message: 'must be "arrival": ordering by source time is not there yet' });
  }
  if (errors.length === 0) return undefined;
  return refused('NOT_SUPPORTED', 'The dataset asks for what this version does not do.', { errors });
}

/** Ingest and views are about people so far: what nobody owns would become a profile, or find no owner. */
function refuseClass({ schemas }: SandboxCatalog, schema: string) {
  const schemaClass = schemas.get(schema)?.class;
  if (schemaClass === undefined || isPeopleClass(schemaClass)) return undefined;
  const message = `is of the class ${schemaClass}: datasets take profile and experienceevent so far`;
  return refused('NOT_SUPPORTED', `The schema ${schema} ${message}.`, { errors: [{ path: 'schema', message }] });
}

function refuseDifferent({ id, schema }: Dataset) {
  const errors = [{ path: 'schema', message: `is ${JSON.stringify(schema)}` }];
  return refused('DATASET_DIFFERS', `The dataset ${id} exists, and is never changed.`, { errors });
}

function refuseUnknown(id: string) {
  return refused('DATASET_NOT_FOUND', `There is no dataset ${JSON.stringify(id)}.`);
}
