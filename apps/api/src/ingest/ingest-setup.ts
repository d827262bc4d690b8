import {
  isEventClass,
  isShown,
  itemValidatorOf,
  namespaceOf,
  patchRulesOf,
  type Dataset,
  type SandboxCatalog,
  type Schema,
} from '#catalog';
import { TesseraError, type NamingSecret } from '#core';
import { blockedBy, compileIdentityRules, type RefusedIdentity } from '#identity';
import {
  IdempotencyScope,
  type FragmentNames,
  type IngestContext,
  type IngestMetadata,
  type ItemKind,
  type ItemWarning,
} from '#profile';

/** What the items of a request are, and where they go. */
export interface IngestTarget {
  readonly kind: ItemKind;
  readonly dataset: string;
  readonly idempotencyKey: string | undefined;
}

/** Everything about a request that its items have in common, from the catalog as it is when the request arrives. */
export interface IngestSetup {
  readonly context: IngestContext;
  /** Of every event, but for the time of its slice. */
  readonly metadata: Omit<IngestMetadata, 'ingestedAt' | 'requestId'>;
}

const NOT_ENABLED: ItemWarning = { code: 'NOT_ENABLED', errors: [] };

/** `onRefused`: is told of values that identify nobody. Throws `DATASET_NOT_FOUND`, `WRONG_CLASS`. */
export function ingestSetup(
  catalog: SandboxCatalog,
  target: IngestTarget,
  names: FragmentNames,
  secret: NamingSecret,
  onRefused?: (refused: RefusedIdentity) => void,
): IngestSetup {
  const { dataset, schema } = datasetOf(catalog, target);
  const shown = isShown(catalog, dataset);
  const { sandbox, identitySettings } = catalog;
  const ordering = dataset.ordering === 'source' ? { ordering: 'source' as const } : {};
  return {
    context: {
      kind: target.kind === 'record' && dataset.upsert ? 'upsert' : target.kind,
      sandbox,
      dataset: dataset.id,
      validate: itemValidatorOf(schema),
      patches: patchRulesOf(schema),
      ...ordering,
      identities: compileIdentityRules({
        descriptors: schema.identities,
        find: (code) => namespaceOf(catalog, code),
        blocked: blockedBy(identitySettings),
        ...(target.kind === 'event' && { priority: identitySettings.priority }),
        ...(onRefused && { onRefused }),
      }),
      warnings: shown ? [] : [NOT_ENABLED],
      names,
      secret,
      idempotency: target.idempotencyKey === undefined ? undefined : new IdempotencyScope(target.idempotencyKey),
    },
    metadata: {
      sandbox,
      dataset: dataset.id,
      shown,
      schemaVersion: schema.version,
      settingsVersion: identitySettings.version,
      ...ordering,
      v: 1,
    },
  };
}

function datasetOf(
  catalog: SandboxCatalog,
  { kind, dataset: id }: IngestTarget,
): { readonly dataset: Dataset; readonly schema: Schema } {
  const dataset = catalog.datasets.get(id);
  const schema = dataset && catalog.schemas.get(dataset.schema);
  if (dataset === undefined || schema === undefined) {
    throw new TesseraError('DATASET_NOT_FOUND', 'There is no dataset with this id in this sandbox.');
  }
  const holds = isEventClass(schema.class) ? 'event' : 'record';
  if (holds !== (kind === 'event' ? 'event' : 'record'))
    throw new TesseraError('WRONG_CLASS', `The dataset ${id} holds ${holds}s: send them to …/${holds}s.`);
  return { dataset, schema };
}
