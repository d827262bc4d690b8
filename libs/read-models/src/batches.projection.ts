import { decodeBatchEvent, evolveBatch, isOpen, isReverting, type Batch, type RecordedBatchEvent } from '#batch';
import { STREAM_PREFIX } from '#core';
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

interface BatchChange extends RecordedBatchEvent {
  readonly id: string;
}

/** Every batch as it stands: for lists, for the look at earlier ones, and for who takes up unfinished work. */
export function batchesProjection(): AnyProjection {
  return defineProjection<BatchChange, undefined>({
    name: BATCHES_PROJECTION,
    version: 1,
    prefixes: [STREAM_PREFIX.batch],
    collections: [{ spec: BATCHES, codec: 'json', cache: 100 }],
    decode({ stream, type, data, metadata }) {
      const event = decodeBatchEvent(type, data);
      if (event === undefined) return undefined;
      const at = metadata['ingestedAt'];
      if (typeof at !== 'number') throw new TypeError('the metadata of a batch event has no time');
      return { id: stream.slice(stream.indexOf('-') + 1), event, at };
    },
    beginPage: () => undefined,
    perStream: {
      load: (entries, session) => session.load(BATCHES.name, new Set(entries.map(({ value }) => value.id))),
      apply: applyBatchEvent,
    },
    perPage: [],
  });
}

function applyBatchEvent(entry: Entry<BatchChange>, session: Session): void {
  const { id } = entry.value;
  const before = session.get<Batch>(BATCHES.name, id);
  if (before !== undefined && isApplied(before.position, entry)) return;
  const batch = evolveBatch(before?.value, entry.value);
  if (batch === undefined || batch === before?.value) return;
  const { sandbox, startedAt, dataset, status, content } = batch;
  session.put(
    BATCHES.name,
    id,
    { sandbox, started_at: startedAt, dataset, status, content, open: isOpen(batch) || isReverting(batch) ? 1 : 0 },
    batch,
  );
}
