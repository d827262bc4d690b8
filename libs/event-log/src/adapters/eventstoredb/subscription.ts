import { setImmediate as nextTurn } from 'node:timers/promises';

import { laterOf, type Position } from '#core';

import type { EventPage, RecordedEvent, SubscribeOptions } from '../../event-log.js';
import { FeedKeeper, type OpenFeed, type SubscriptionContext } from './feed-keeper.js';
import type { Feed, FeedItem } from './feed.js';
import { fromPosition } from './positions.js';
import { DeadlinePassed } from './waiting.js';

const PAGE_EVENTS = 2_000;
const PAGE_BYTES = 8 * 1_024 * 1_024;
/** Milliseconds that a page which is not full waits for more while the subscription catches up. */
const LINGER = 20;

/**
 * Pages of a feed, and of a new feed from where that one has come whenever the server ends it, fails, or falls silent.
 * Ends when a signal aborts. Throws what `FeedKeeper` throws.
 */
export async function* subscription(
  context: SubscriptionContext,
  options: SubscribeOptions,
): AsyncGenerator<EventPage, void, undefined> {
  fromPosition(options.after);
  const signals = [context.closing, ...(options.signal === undefined ? [] : [options.signal])];
  const pages = new Pages(context, options, AbortSignal.any(signals));
  try {
    for (let page = await pages.next(); page !== undefined; page = await pages.next()) yield page;
  } finally {
    pages.end();
  }
}

class Pages {
  readonly #keeper: FeedKeeper;
  readonly #size: number;
  readonly #bytes: number;
  #position: Position;
  #open: OpenFeed | undefined;
  /** The feed has delivered all there was, and waits for more. */
  #live = false;
  /** The consumer was told that nothing was left. */
  #told = false;
  /** Where the log had come when the feed had given nothing for a while. */
  #noted: Position | undefined;

  constructor(
    private readonly context: SubscriptionContext,
    private readonly options: SubscribeOptions,
    private readonly signal: AbortSignal,
  ) {
    this.#keeper = new FeedKeeper(context, options.prefixes, signal);
    this.#position = options.after;
    this.#size = options.pageSize ?? PAGE_EVENTS;
    this.#bytes = options.pageBytes ?? PAGE_BYTES;
  }

  /** The next page; `undefined` when a signal aborts. */
  async next(): Promise<EventPage | undefined> {
    const events: RecordedEvent[] = [];
    const before = this.#position;
    let bytes = 0;
    let lingers: number | undefined;
    const page = (caughtUp: boolean): EventPage => {
      this.#told = caughtUp;
      return { events, position: this.#position, caughtUp };
    };
    while (!this.signal.aborted) {
      const open = (this.#open ??= await this.#reopen());
      if (open === undefined) break;
      const item = open.feed.take();
      if (item !== undefined) {
        const event = this.#take(item, open);
        if (event !== undefined) {
          events.push(event);
          bytes += event.data.length;
        }
        if (item.kind === 'live') return page(true);
        if (events.length >= this.#size || bytes >= this.#bytes) return page(false);
        continue;
      }
      const moved = this.#position > before;
      if (open.feed.ended !== undefined) {
        this.#drop(open.feed.ended.error);
        if (moved) return page(false);
        continue;
      }
      if (!moved) {
        if (this.#live && !this.#told && this.#isAtHead()) return page(true);
        await this.#idle(open.feed);
      } else if (lingers === undefined) {
        lingers = Date.now() + LINGER;
        if (this.#live) await nextTurn();
      } else if (this.#live || !(await open.feed.wait(lingers - Date.now()))) {
        return page(this.#live && this.#isAtHead());
      }
    }
    return undefined;
  }

  end(): void {
    this.#keeper.end();
  }

  /** Moves the position. Answers the event, unless it was shown before. */
  #take(item: FeedItem, { head }: OpenFeed): RecordedEvent | undefined {
    this.#keeper.arrived(item.kind === 'event');
    if (item.kind === 'live') {
      this.#live = true;
      this.#noted = undefined;
      this.#position = laterOf(this.#position, head);
    } else if (item.kind === 'behind') {
      this.#live = false;
    } else if (item.kind === 'reached') {
      this.#position = laterOf(this.#position, item.position);
    } else if (item.event.position > this.#position) {
      const { position } = item.event;
      this.#position = position;
      this.context.reads.saw(position);
      this.#noticeSilence(position);
      return item.event;
    }
    return undefined;
  }

  /** A new feed shows what the one before had kept back though it was written long before it was replaced. */
  #noticeSilence(position: Position): void {
    if (this.#noted === undefined) return;
    if (position <= this.#noted && !this.#live) {
      this.context.report('The subscription had fallen silent', { prefixes: [...this.options.prefixes] });
    }
    this.#noted = undefined;
  }

  #isAtHead(): boolean {
    return this.#position >= this.context.reads.newest;
  }

  async #reopen(): Promise<OpenFeed | undefined> {
    this.#live = false;
    return this.#keeper.open(this.#position);
  }

  #drop(error: unknown): void {
    this.#open = undefined;
    this.#keeper.dropped(error);
  }

  /**
   * Waits for the feed. While it gives nothing though the log moves on, it is replaced now and then: the new one either
   * shows what this one should have shown, or that there was nothing to show, which moves the position.
   */
  async #idle(feed: Feed): Promise<void> {
    const { timings, reads } = this.context;
    if (await feed.wait(this.#live ? timings.idleCheck : timings.read)) return;
    if (!this.#live) {
      this.#drop(new DeadlinePassed(timings.read));
    } else if (this.#noted !== undefined && this.#noted > this.#position) {
      this.#open = undefined;
      this.#keeper.release();
    } else {
      try {
        this.#noted = await this.#keeper.orAborted(reads.head());
      } catch (error) {
        this.#drop(error);
      }
    }
  }
}
