import { isJsonObject, type Identity, type SandboxId } from '#core';

import { decodeIdentity } from './fragment.events.js';

/** The fragment is gone, and the ids that it had applied are free again. What comes later starts anew. */
export const FRAGMENT_DELETED = 'FragmentDeleted';
/** What came in while the dataset was not enabled shows, as if it had been enabled from the start. */
export const FRAGMENT_BACKFILLED = 'FragmentBackfilled';
/** The events that came with one batch are gone, with their associations of identities and their ids. */
export const BATCH_ITEMS_REVERTED = 'BatchItemsReverted';

/** What happens to a fragment as a whole, by whose command or job it may be. */
export type LifecycleEvent =
  | { readonly type: typeof FRAGMENT_DELETED }
  | { readonly type: typeof FRAGMENT_BACKFILLED }
  | { readonly type: typeof BATCH_ITEMS_REVERTED; readonly batch: string };

/** Metadata of such an event. Nothing personal. */
export interface LifecycleMetadata {
  readonly sandbox: SandboxId;
  readonly dataset: string;
  /** When it was appended, epoch milliseconds. Named as for items: the lag of views is told by it. */
  readonly ingestedAt: number;
  /** Id of the request or of the job. */
  readonly requestId: string;
  readonly v: 1;
}

/**
 * The event to append to a fragment's stream (`FragmentNames` has its name) at any revision, with an id of its own and
 * with `LifecycleMetadata`. A second one like it is without effect, so whoever appends them may begin again after a crash.
 *
 * `FRAGMENT_DELETED` and `FRAGMENT_BACKFILLED` are for fragments of every kind; `BATCH_ITEMS_REVERTED` is for event
 * fragments and without effect on others, since records overwrite.
 */
export function encodeLifecycle(
  owner: Identity,
  event: LifecycleEvent,
): { readonly type: LifecycleEvent['type']; readonly data: string } {
  const batch = event.type === BATCH_ITEMS_REVERTED ? { batch: event.batch } : {};
  return { type: event.type, data: JSON.stringify({ owner: [owner.namespace, owner.id], ...batch }) };
}

/** The reverse of `encodeLifecycle`; `undefined` for another type. Throws a `TypeError` that says what is wrong. */
export function decodeLifecycle(
  type: string,
  data: string,
): { readonly owner: Identity; readonly event: LifecycleEvent } | undefined {
  if (type !== FRAGMENT_DELETED && type !== FRAGMENT_BACKFILLED && type !== BATCH_ITEMS_REVERTED) return undefined;
  const parsed = JSON.parse(data) as unknown;
  if (!isJsonObject(parsed)) throw new TypeError('the data of a fragment event is not an object');
  const owner = decodeIdentity(parsed['owner']);
  if (type !== BATCH_ITEMS_REVERTED) return { owner, event: { type } };
  const { batch } = parsed;
  if (typeof batch !== 'string') throw new TypeError('the data of a revert names no batch');
  return { owner, event: { type, batch } };
}
