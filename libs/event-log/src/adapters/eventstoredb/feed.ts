import type { AllStreamResolvedEvent, AllStreamSubscription, EventStoreDBClient } from '@eventstore/db-client';
import { streamNameFilter } from '@eventstore/db-client';

import type { Position } from '#core';

import type { RecordedEvent } from '../../event-log.js';
import { toRecordedEvent } from './event-records.js';
import { fromPosition, knownPosition, type LogPosition } from './positions.js';

/** Events that the server looks at before it says how far it has come: right for prefixes that match few streams. */
const SEARCH_WINDOW = 1_000;
/** Events read ahead; each may have 1 MB. */
const READ_AHEAD = 64;

export type FeedItem =
  | { readonly kind: 'event'; readonly event: RecordedEvent }
  /** Everything up to here was looked at. */
  | { readonly kind: 'reached'; readonly position: Position }
  /** Everything was delivered that was there when the feed began. */
  | { readonly kind: 'live' }
  /** The server lags behind and reads from the disk again. */
  | { readonly kind: 'behind' };

/** What stands in the queue of the client between its events. */
class Marker {
  constructor(readonly item: FeedItem) {}
}

/** The parts of the client's subscription that Node's typings of it leave out. */
type Queue = AllStreamSubscription & { push(item: unknown): boolean; read(): unknown; destroy(): unknown };

/**
 * One subscription of the server, as a queue from which its items are taken one by one. What the client reports beside
 * the events (checkpoints, being live) it reports long before they are consumed: here it stands in the queue, in its
 * place between them. When the queue is not emptied, the server stops sending.
 */
export class Feed {
  readonly #queue: Queue;
  #ended: { readonly error?: unknown } | undefined;
  #wake: () => void = () => undefined;

  constructor(client: EventStoreDBClient, after: Position, prefixes: readonly string[]) {
    const push = (item: FeedItem): void => {
      if (this.#ended === undefined) this.#queue.push(new Marker(item));
    };
    const filter = {
      ...selection(prefixes),
      maxSearchWindow: SEARCH_WINDOW,
      checkpointReached: (_subscription: unknown, position: LogPosition) => {
        const reached = knownPosition(position);
        if (reached !== undefined) push({ kind: 'reached', position: reached });
      },
    };
    const options = {
      fromPosition: fromPosition(after),
      filter: 'regex' in filter ? streamNameFilter(filter) : streamNameFilter(filter),
    };
    this.#queue = client.subscribeToAll(options, { highWaterMark: READ_AHEAD });
    this.#queue
      .on('readable', () => this.#wake())
      .on('error', (error) => this.#end({ error }))
      .on('end', () => this.#end({}))
      .on('close', () => this.#end({}));
    this.#queue.on('caughtUp', () => push({ kind: 'live' }));
    this.#queue.on('fellBehind', () => push({ kind: 'behind' }));
  }

  /** Why it ended, once it has. */
  get ended(): { readonly error?: unknown } | undefined {
    return this.#ended;
  }

  /** The next item, when there is one now. */
  take(): FeedItem | undefined {
    const item = this.#queue.read() as AllStreamResolvedEvent | Marker | null;
    if (item === null) return undefined;
    return item instanceof Marker ? item.item : { kind: 'event', event: toRecordedEvent(item) };
  }

  /** Resolves when there may be an item, or the feed has ended, or the time is over: then it answers false. */
  async wait(milliseconds: number): Promise<boolean> {
    if (this.#ended !== undefined) return true;
    return new Promise((resolve) => {
      const done = (more: boolean): void => {
        clearTimeout(timer);
        this.#wake = () => undefined;
        resolve(more);
      };
      const timer = setTimeout(() => done(false), milliseconds);
      this.#wake = () => done(true);
    });
  }

  cancel(): void {
    this.#end({});
    // A call that was never made cannot be cancelled, and says so.
    this.#queue.unsubscribe().catch(() => undefined);
    this.#queue.destroy();
  }

  #end(end: { readonly error?: unknown }): void {
    this.#ended ??= end;
    this.#wake();
  }
}

/** The server's own streams are nobody's events, unless they are asked for by name. No name is empty. */
function selection(prefixes: readonly string[]): { prefixes: string[] } | { regex: string } {
  if (prefixes.length === 0) return { regex: '^$' };
  return prefixes.includes('') ? { regex: '^[^$]' } : { prefixes: [...prefixes] };
}
