import type { Batch } from '#batch';
import { shapeOf, type SandboxCatalog, type Shape } from '#catalog';
import { lengthPrefixed, TesseraError, type NamingSecret } from '#core';
import type { RefusedIdentity } from '#identity';
import { prepareItem, rejected, rejectedAt, type FragmentNames, type PreparedItem } from '#profile';

import { ingestSetup, type IngestSetup } from '../ingest/ingest-setup.js';

/** Everything about a batch that its rows have in common, from the catalog as it is when a pass begins. */
export interface BatchSetup {
  readonly ingest: IngestSetup;
  /** What the schema allows: cells of text are read by it. */
  readonly shape: Shape;
  /** What a row is; `now`: epoch milliseconds. */
  readonly prepare: (row: PreparableRow, now: number) => PreparedItem;
}

type PreparableRow = {
  readonly index: number;
  readonly text?: string | undefined;
  readonly refusal?: RowRefusal | undefined;
};
type RowRefusal = { readonly code: Parameters<typeof rejected>[0]; readonly errors: Parameters<typeof rejected>[1] };

/** `onRefused`: as of `ingestSetup`. Throws `SANDBOX_NOT_FOUND` after a reset, `DATASET_NOT_FOUND`, `WRONG_CLASS`. */
export function batchSetup(
  catalog: SandboxCatalog,
  batch: Batch,
  names: FragmentNames,
  secret: NamingSecret,
  onRefused?: (refused: RefusedIdentity) => void,
): BatchSetup {
  if (catalog.sandbox !== batch.sandbox) {
    throw new TesseraError('SANDBOX_NOT_FOUND', 'The sandbox was reset after the file had arrived.');
  }
  const { dataset, kind } = batch;
  const ingest = ingestSetup(catalog, { kind, dataset, idempotencyKey: undefined }, names, secret, onRefused);
  const schema = catalog.schemas.get(catalog.datasets.get(dataset)?.schema ?? '');
  if (schema === undefined) throw new TesseraError('DATASET_NOT_FOUND', 'The dataset is no longer there.');
  const ids = new RowIds(batch.id);
  // Events have ids of their own.
  const context = kind === 'event' ? ingest.context : { ...ingest.context, idempotency: ids };
  return {
    ingest,
    shape: shapeOf(schema),
    prepare({ index, text, refusal }, now) {
      if (refusal !== undefined) return rejected(refusal.code, refusal.errors);
      ids.row = index;
      const item = prepareItem(context, text ?? '', now);
      if (item.outcome === 'rejected' || item.expected === 'any') return item;
      return rejectedAt('NOT_SUPPORTED', '$ifRevision', 'has no meaning in a batch: its rows are applied later');
    },
  };
}

/** Ids of records without an id of their own, derived from batch and row: a row that comes again is recognised. */
class RowIds {
  row = 0;

  constructor(private readonly batch: string) {}

  nextId(): string {
    return lengthPrefixed(['Batch', this.batch, String(this.row)]);
  }
}
