import type { EventLogReader } from '#event-log';
import { FRAGMENT_DELETED, type AcceptedItem, type PreparedItem } from '#profile';

/** An item as it may be appended, or the revision at which its `$ifRevision` has found the fragment already. */
export type ConditionedItem = PreparedItem | { readonly outcome: 'refused'; readonly actual: number };

/** A stream whose last event this is holds no fragment, although it has a revision. */
const NO_FRAGMENT = -1;

/**
 * `$ifRevision` speaks of fragments, the log of streams: where the fragment was deleted the two differ. So what is
 * expected of the stream is found out here, by a read of its own for each such item; they are rare. Whatever happens
 * between this read and the append, the append is at an exact revision.
 */
export async function withConditions(
  log: EventLogReader,
  items: readonly PreparedItem[],
): Promise<readonly ConditionedItem[]> {
  if (!items.some(isConditional)) return items;
  return Promise.all(items.map(async (item) => (isConditional(item) ? await conditioned(log, item) : item)));
}

/** The revision of the fragment whose stream is at `actual`; -1 when there is none. */
export async function fragmentRevision(log: EventLogReader, stream: string, actual: number): Promise<number> {
  if (actual < 0) return NO_FRAGMENT;
  return (await isDelete(log, stream, actual)) ? NO_FRAGMENT : actual;
}

function isConditional(item: PreparedItem): item is AcceptedItem {
  return item.outcome === 'accepted' && item.expected !== 'any';
}

async function conditioned(log: EventLogReader, item: AcceptedItem): Promise<ConditionedItem> {
  const { stream, expected } = item;
  if (typeof expected === 'number') {
    return (await isDelete(log, stream, expected)) ? { outcome: 'refused', actual: NO_FRAGMENT } : item;
  }
  const { events } = await log.readStream(stream, { direction: 'backwards', limit: 1 });
  const [last] = events;
  return last?.type === FRAGMENT_DELETED ? { ...item, expected: last.revision } : item;
}

async function isDelete(log: EventLogReader, stream: string, revision: number): Promise<boolean> {
  const { events } = await log.readStream(stream, { from: revision, limit: 1 });
  return events[0]?.revision === revision && events[0].type === FRAGMENT_DELETED;
}
