import { changed, created, refused, unchanged, type Decision } from '../decision.js';
import { refuseResourceId } from '../resource-id.js';
import type { SandboxCatalog } from '../sandbox-catalog.js';
import { isEventClass, isPeopleClass, type Schema } from '../schema/schema.js';
import {
  DATASET_CREATED,
  DATASET_DELETED,
  DATASET_DISABLED_FOR_PROFILE,
  DATASET_ENABLED_FOR_PROFILE,
  type DatasetCreated,
  type DatasetDeleted,
  type DatasetDisabledForProfile,
  type DatasetEnabledForProfile,
} from './dataset.events.js';
import type { Dataset, DatasetOrdering } from './dataset.js';

export interface CreateDataset {
  readonly id: string;
  readonly schema: string;
  /** False by default. */
  readonly upsert?: boolean;
  /** `arrival` by default. */
  readonly ordering?: DatasetOrdering;
}

export function createDataset(catalog: SandboxCatalog, command: CreateDataset): Decision<DatasetCreated> {
  const { id, schema, upsert = false, ordering = 'arrival' } = command;
  const refusal = refuseResourceId(id);
  if (refusal !== undefined) return refusal;
  const existing = catalog.datasets.get(id);
  if (existing !== undefined) return unlessDifferent(existing, { schema, upsert, ordering });
  const defined = catalog.schemas.get(schema);
  if (defined === undefined) {
    const errors = [{ path: 'schema', message: `there is no schema ${JSON.stringify(schema)}` }];
    return refused('SCHEMA_NOT_FOUND', 'A dataset holds items of a schema that is defined.', { errors });
  }
  const wrongClass = refuseClass(defined);
  if (wrongClass !== undefined) return wrongClass;
  if (isEventClass(defined.class)) {
    const refusalOfEvents = refuseForEvents({ upsert, ordering });
    if (refusalOfEvents !== undefined) return refusalOfEvents;
  }
  return created({ type: DATASET_CREATED, data: { id, schema, upsert, ordering } });
}

export function enableDataset(
  catalog: SandboxCatalog,
  { id }: { readonly id: string },
): Decision<DatasetEnabledForProfile> {
  const dataset = catalog.datasets.get(id);
  if (dataset === undefined) return refuseUnknown(id);
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

/** From then on it takes no items; what it holds is deleted by a job. */
export function deleteDataset(catalog: SandboxCatalog, { id }: { readonly id: string }): Decision<DatasetDeleted> {
  if (!catalog.datasets.has(id)) return refuseUnknown(id);
  return changed({ type: DATASET_DELETED, data: { id } });
}

type Settings = Pick<Dataset, 'schema' | 'upsert' | 'ordering'>;

function unlessDifferent(existing: Dataset, wanted: Settings): Decision<never> {
  const errors = (['schema', 'upsert', 'ordering'] as const)
    .filter((name) => existing[name] !== wanted[name])
    .map((name) => ({ path: name, message: `is ${JSON.stringify(existing[name])}` }));
  if (errors.length === 0) return unchanged;
  return refused('DATASET_DIFFERS', `The dataset ${existing.id} exists, and is never changed.`, { errors });
}

/** Ingest and views are about people so far: what nobody owns would become a profile, or find no owner. */
function refuseClass({ id, class: schemaClass }: Schema) {
  if (isPeopleClass(schemaClass)) return undefined;
  const message = `is of the class ${schemaClass}: datasets take profile and experienceevent so far`;
  return refused('NOT_SUPPORTED', `The schema ${id} ${message}.`, { errors: [{ path: 'schema', message }] });
}

/** Events are kept one by one: there is nothing to patch, and nothing that a newer one could replace. */
function refuseForEvents({ upsert, ordering }: Pick<Settings, 'upsert' | 'ordering'>) {
  const errors = [
    ...(upsert ? [{ path: 'upsert', message: 'must be false: events are kept, not patched' }] : []),
    ...(ordering === 'source' ? [{ path: 'ordering', message: 'must be "arrival": events do not replace' }] : []),
  ];
  if (errors.length === 0) return undefined;
  return refused('INVALID_REQUEST', 'The dataset holds events.', { errors });
}

function refuseUnknown(id: string) {
  return refused('DATASET_NOT_FOUND', `There is no dataset ${JSON.stringify(id)}.`);
}
