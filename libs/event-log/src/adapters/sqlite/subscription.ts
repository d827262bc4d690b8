import { setImmediate as nextTurn } from 'node:timers/promises';

import { TesseraError } from '#core';

import type { EventPage, SubscribeOptions } from '../../event-log.js';
import type { LogHead } from './log-head.js';
import type { LogReader } from './log-reader.js';
import { fromPosition, toPosition } from './positions.js';

const PAGE_EVENTS = 2_000;
const PAGE_BYTES = 8 * 1_024 * 1_024;

/**
 * Reads a page when one is asked for and waits, when there is none, for the writer's next commit. Ends when the signal
 * aborts or the log is closed; throws `LOG_UNAVAILABLE` when the writer is lost.
 */
export async function* subscription(
  reader: LogReader,
  head: LogHead,
  options: SubscribeOptions,
): AsyncGenerator<EventPage, void, undefined> {
  const { prefixes, pageSize = PAGE_EVENTS, pageBytes = PAGE_BYTES, signal } = options;
  const selection = reader.select(prefixes);
  let after = fromPosition(options.after);
  if (after > reader.head()) throw new TesseraError('INVALID_REQUEST', 'The log does not reach the position asked for');
  for (let first = true; ; first = false) {
    if (!first) await head.beyond(after, signal);
    // A consumer that does nothing but iterate would otherwise keep the event loop to itself until it has caught up.
    await nextTurn();
    if (signal?.aborted === true || head.ended()) return;
    const page = reader.page(selection, { after, prefixes, size: pageSize, bytes: pageBytes });
    head.advance(page.head);
    after = page.until;
    yield { events: page.events, position: toPosition(after), caughtUp: after === page.head };
  }
}
