import { decodeBatchEvent, evolveBatch, isOpen, isReverting, type Batch, type RecordedBatchEvent } from '#batch';
import { STREAM_PREFIX, type ErrorCode, type SandboxId } from '#core';
import { ITEMS_REFUSED, type ItemsRefused } from '#profile';
import { datasetCountsKey } from './documents.js';
import { defineProjection, isApplied, type AnyProjection, type Entry, type Session } from '#projection';
import type { CollectionSpec } from '#read-store';

export const BATCHES_PROJECTION = 'batches';

/** One document per batch; `open` is 1 while there is work to do on it, `content` says which file it is. */
export const BATCHES = {
  name: 'batches',
  key: 'text',
  columns: { sandbox: 'text', started_at: 'time', dataset: 'text', status: 'text', open: 'int', content: 'hash' },
  indexes: [
    { name: 'by_sandbox', columns: ['sandbox', 'started_at'] },
    { name: 'by_open', columns: ['open'] },
    { name: 'by_content', columns: ['content', 'started_at'] },
  ],
} as const satisfies CollectionSpec;

/** What was refused for one dataset: rows of batches that have ended, and items of requests. */
export interface DatasetRefusalsBody {
  readonly sandbox: SandboxId;
  readonly dataset: string;
  readonly codes: Readonly<Partial<Record<ErrorCode, number>>>;
}

/** One document per dataset, under its `datasetCountsKey`. */
export const DATASET_REFUSALS = {
  name: 'dataset_refusals',
  key: 'text',
  columns: {},
  indexes: [],
} as const satisfies CollectionSpec;

interface BatchChange extends RecordedBatchEvent {
  readonly kind: 'batch';
  readonly id: string;
  readonly sandbox: SandboxId;
  readonly dataset: string;
}

interface RequestRefusals extends ItemsRefused {
  readonly kind: 'request';
  readonly sandbox: SandboxId;
  readonly dataset: string;
}

type Change = BatchChange | RequestRefusals;

/**
 * Every batch as it stands: for lists, for the look at earlier ones, and for who takes up unfinished work; and what was
 * refused of each dataset, which nothing else in the log tells.
 */
export function batchesProjection(): AnyProjection {
  return defineProjection<Change, undefined>({
    name: BATCHES_PROJECTION,
    version: 2,
    prefixes: [STREAM_PREFIX.batch, STREAM_PREFIX.refusals],
    // Written in this order: a batch that has ended tells nobody that its refusals are yet to be counted.
    collections: [
      { spec: DATASET_REFUSALS, codec: 'json', cache: 100 },
      { spec: BATCHES, codec: 'json', cache: 100 },
    ],
    decode({ stream, type, data, metadata }) {
      const { sandbox, dataset, ingestedAt: at } = metadata;
      if (typeof at !== 'number' || typeof sandbox !== 'string' || typeof dataset !== 'string') {
        throw new TypeError('the metadata has no time, sandbox or dataset');
      }
      if (type === ITEMS_REFUSED) return { kind: 'request', sandbox, dataset, ...(JSON.parse(data) as ItemsRefused) };
      const event = decodeBatchEvent(type, data);
      return event && { kind: 'batch', id: stream.slice(stream.indexOf('-') + 1), sandbox, dataset, event, at };
    },
    beginPage: () => undefined,
    perStream: {
      async load(entries, session) {
        const batches = entries.flatMap(({ value }) => (value.kind === 'batch' ? [value.id] : []));
        await session.load(BATCHES.name, new Set(batches));
        await session.load(DATASET_REFUSALS.name, new Set(entries.map(({ value }) => keyOf(value))));
      },
      apply(entry, session) {
        const { value } = entry;
        if (value.kind === 'request') addRefusals(entry, value.codes, session);
        else applyBatchEvent({ ...entry, value }, session);
      },
    },
    perPage: [],
  });
}

function keyOf({ sandbox, dataset }: Change): string {
  return datasetCountsKey(sandbox, dataset);
}

function applyBatchEvent(entry: Entry<BatchChange>, session: Session): void {
  const { id } = entry.value;
  const before = session.get<Batch>(BATCHES.name, id);
  if (before !== undefined && isApplied(before.position, entry)) return;
  const batch = evolveBatch(before?.value, entry.value);
  if (batch === undefined || batch === before?.value) return;
  if (before !== undefined && isOpen(before.value) && hasEnded(batch)) addRefusals(entry, batch.errors, session);
  const { sandbox, startedAt, dataset, status, content } = batch;
  session.put(
    BATCHES.name,
    id,
    { sandbox, started_at: startedAt, dataset, status, content, open: isOpen(batch) || isReverting(batch) ? 1 : 0 },
    batch,
  );
}

/** An aborted batch was never decided on. */
function hasEnded({ status }: Batch): boolean {
  return status === 'success' || status === 'failed';
}

function addRefusals(entry: Entry<Change>, refused: ItemsRefused['codes'], session: Session): void {
  const { sandbox, dataset } = entry.value;
  const key = keyOf(entry.value);
  const before = session.get<DatasetRefusalsBody>(DATASET_REFUSALS.name, key);
  if (before !== undefined && isApplied(before.position, entry)) return;
  const codes = { ...before?.value.codes };
  for (const { code, count } of refused) codes[code] = (codes[code] ?? 0) + count;
  const body: DatasetRefusalsBody = { sandbox, dataset, codes };
  if (refused.length > 0) session.put(DATASET_REFUSALS.name, key, {}, body);
}
