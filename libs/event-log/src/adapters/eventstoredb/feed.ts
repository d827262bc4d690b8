import type { AllStreamResolvedEvent, AllStreamSubscription, EventStoreDBClient } from '@eventstore/db-client';
import { streamNameFilter } from '@eventstore/db-client';

import type { Position } from '#core';

import type { RecordedEvent } from '../../event-log.js';
import { toRecordedEvent } from './event-records.js';
import { fromPosition, knownPosition, type LogPosition } from './positions.js';

/** Events that the server looks at before it says how far it has come: right for prefixes that match few streams. */
const SEARCH_WINDOW = 1_000;
/** Events in the client's own queue, which knows no bytes; each may have 1 MB. */
const CLIENT_QUEUE = 16;
/** What is read ahead while the consumer works on what it has: about two of its pages, or so many bytes of data. */
const READ_AHEAD_ITEMS = 4_000;
const READ_AHEAD_BYTES = 8 * 1_024 * 1_024;

export type FeedItem =
  | { readonly kind: 'event'; readonly event: RecordedEvent }
  /** Everything up to here was looked at. */
  | { readonly kind: 'reached'; readonly position: Position }
  /** Everything was delivered that was there when the feed began. */
  | { readonly kind: 'live' }
  /** The server lags behind and reads from the disk again. */
  | { readonly kind: 'behind' };

/** Items in their order, bounded in number and bytes. */
class ReadAhead {
  #added: FeedItem[] = [];
  #taking: (FeedItem | undefined)[] = [];
  #next = 0;
  #items = 0;
  #bytes = 0;

  get isFull(): boolean {
    return this.#items >= READ_AHEAD_ITEMS || this.#bytes >= READ_AHEAD_BYTES;
  }

  add(item: FeedItem): void {
    this.#added.push(item);
    this.#items += 1;
    this.#bytes += bytesOf(item);
  }

  take(): FeedItem | undefined {
    if (this.#next === this.#taking.length) {
      this.#taking = this.#added;
      this.#added = [];
      this.#next = 0;
    }
    const item = this.#taking[this.#next];
    if (item === undefined) return undefined;
    // Not kept until the rest is taken.
    this.#taking[this.#next] = undefined;
    this.#next += 1;
    this.#items -= 1;
    this.#bytes -= bytesOf(item);
    return item;
  }
}

/** As its data's characters count: near enough for a bound. */
function bytesOf(item: FeedItem): number {
  return item.kind === 'event' ? item.event.data.length : 0;
}

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
  readonly #ahead = new ReadAhead();
  /** The client has more than there is room for: it says so once only. */
  #isHeldBack = false;
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
    this.#queue = client.subscribeToAll(options, { highWaterMark: CLIENT_QUEUE });
    this.#queue
      .on('readable', () => {
        this.#readAhead();
        this.#wake();
      })
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
    const item = this.#ahead.take();
    if (this.#isHeldBack) this.#readAhead();
    return item;
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

  #readAhead(): void {
    this.#isHeldBack = false;
    // What comes after an event that cannot be read must not be taken for the next one.
    if (this.#ended !== undefined) return;
    try {
      while (!this.#ahead.isFull) {
        const item = this.#queue.read() as AllStreamResolvedEvent | Marker | null;
        if (item === null) return;
        this.#ahead.add(item instanceof Marker ? item.item : { kind: 'event', event: toRecordedEvent(item) });
      }
      this.#isHeldBack = true;
    } catch (error) {
      this.#end({ error });
    }
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
