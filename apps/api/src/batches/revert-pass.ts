import type { Batch } from '#batch';
import { laterOf, POSITION_START, STREAM_PREFIX, type NamingSecret, type Position } from '#core';
import type { EventLog, RecordedEvent } from '#event-log';
import { BATCH_ITEMS_REVERTED, decodeIngestedItem } from '#profile';

import { lifecycleAppends, type FragmentOf } from '../fragments/lifecycle-appends.js';

export interface RevertPass {
  readonly log: EventLog;
  readonly secret: NamingSecret;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly signal: AbortSignal;
}

export interface Reverted {
  readonly fragments: number;
  /** Of the last event; `POSITION_START` when there was none. */
  readonly position: Position;
}

/** Fragments that are remembered, so that each is reverted once. One that comes again is reverted twice, to no effect. */
const REMEMBERED = 200_000;

/**
 * Appends `BatchItemsReverted` to every fragment that got a row of the batch. They are found in the log, which has rows
 * that do not show too: between the positions at which the batch began and ended to append. May be repeated as a whole.
 */
export async function revertPass(
  { log, secret, now, signal }: RevertPass,
  { id, sandbox }: Batch,
  { after, until }: { readonly after: Position; readonly until: Position },
): Promise<Reverted> {
  const prefixes = [`${STREAM_PREFIX.fragment}${sandbox}_`];
  const seen = new Set<string>();
  let fragments = 0;
  let position = POSITION_START;
  for await (const page of log.subscribe({ after, prefixes, signal })) {
    signal.throwIfAborted();
    const found = page.events.flatMap((event) => fragmentOf(event, id, seen) ?? []);
    const options = { secret, sandbox, now, requestId: id };
    for (const request of lifecycleAppends(options, found, { type: BATCH_ITEMS_REVERTED, batch: id })) {
      for (const outcome of await log.append(request)) {
        if (outcome.outcome === 'unknown') throw outcome.error;
        if (outcome.outcome === 'written') position = laterOf(position, outcome.position);
      }
    }
    fragments += found.length;
    if (page.position >= until || page.caughtUp) return { fragments, position };
  }
  signal.throwIfAborted();
  throw new Error('the log ended before the batch');
}

/** The fragment of a row of the batch, the first time that it is seen. */
function fragmentOf(event: RecordedEvent, batch: string, seen: Set<string>): FragmentOf | undefined {
  const { stream, metadata, data, clientId } = event;
  // Other events of the fragment may name the batch too; only items have ids.
  const { batch: from, dataset } = metadata;
  if (from !== batch || clientId === undefined || typeof dataset !== 'string' || seen.has(stream)) return undefined;
  if (seen.size >= REMEMBERED) seen.clear();
  seen.add(stream);
  return { dataset, owner: decodeIngestedItem(data).owner };
}
