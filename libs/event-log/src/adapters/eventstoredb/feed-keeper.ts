import { isTesseraError, TesseraError, type Position } from '#core';

import { meaningOf, toLogError } from './client-errors.js';
import type { Clients } from './clients.js';
import { Feed } from './feed.js';
import type { LogReads } from './log-reads.js';
import type { EventStoreDbTimings, Report } from './options.js';
import { BackOff } from './waiting.js';

export interface SubscriptionContext {
  readonly clients: Clients;
  readonly reads: LogReads;
  readonly timings: EventStoreDbTimings;
  readonly report: Report;
  /** Aborts when the log is closed. */
  readonly closing: AbortSignal;
}

export interface OpenFeed {
  readonly feed: Feed;
  /** Where the log ended before this feed began: once it is live, it has delivered everything up to here. */
  readonly head: Position;
}

/** Brings a feed back, in growing intervals, whenever it was lost. */
export class FeedKeeper {
  readonly #backOff: BackOff;
  #open: { readonly feed: Feed; readonly failed: (error: unknown) => void; readonly since: number } | undefined;
  #failingSince: number | undefined;
  #mustPause = false;

  constructor(
    private readonly context: SubscriptionContext,
    private readonly prefixes: readonly string[],
    private readonly signal: AbortSignal,
  ) {
    this.#backOff = new BackOff(context.timings.firstRetry, context.timings.longestRetry);
    signal.addEventListener('abort', this.#cancel);
  }

  /**
   * A feed of what comes after a position; `undefined` when the signal aborts first. Throws `LOG_UNAVAILABLE` when there
   * was none for too long, `INVALID_REQUEST` for a position that the log does not reach.
   */
  async open(after: Position): Promise<OpenFeed | undefined> {
    const { clients, reads, timings } = this.context;
    const since = Date.now();
    while (!this.signal.aborted) {
      if (this.#mustPause) await this.#backOff.pause(this.signal);
      this.#mustPause = true;
      try {
        const head = await this.orAborted(reads.head());
        if (head === undefined) return undefined;
        if (after <= head) {
          const client = await clients.reads.current();
          const feed = new Feed(client, after, this.prefixes);
          this.#open = { feed, failed: (error) => clients.reads.failed(client, error), since: Date.now() };
          this.#mustPause = false;
          return { feed, head };
        }
        // A server that has just taken over may lag behind the one that wrote there.
        if (Date.now() - since > timings.read) {
          throw new TesseraError('INVALID_REQUEST', 'The log does not reach the position asked for');
        }
      } catch (error) {
        this.failed(error);
      }
    }
    return undefined;
  }

  /** Something has come: the log is there. Only an event, which moves the position, shows that it also goes on. */
  arrived(isEvent: boolean): void {
    this.#failingSince = undefined;
    if (isEvent) this.#backOff.reset();
  }

  /** The feed has ended and nobody asked for that. Throws when it need not be tried again, or not any more. */
  dropped(error: unknown): void {
    const open = this.#open;
    this.#cancel();
    if (this.signal.aborted) return;
    if (open !== undefined && Date.now() - open.since > this.context.timings.longestRetry) this.#backOff.reset();
    if (error !== undefined) open?.failed(error);
    this.context.report('The subscription was dropped', { prefixes: [...this.prefixes] }, error);
    this.failed(error);
  }

  failed(error: unknown): void {
    if (isTesseraError(error)) throw error;
    const meaning = meaningOf(error);
    if (meaning === 'invalid-position') throw toLogError(error, 'Subscribing');
    this.#failingSince ??= Date.now();
    this.#mustPause = true;
    if (meaning !== 'denied' && Date.now() - this.#failingSince <= this.context.timings.lost) return;
    const why = meaning === 'denied' ? 'this user may not read $all' : 'EventStoreDB does not answer';
    throw new TesseraError('LOG_UNAVAILABLE', `The subscription is lost: ${why}`, { cause: error });
  }

  /** Lets the feed go, for another one. */
  release(): void {
    this.#cancel();
  }

  end(): void {
    this.signal.removeEventListener('abort', this.#cancel);
    this.#cancel();
  }

  /** `undefined` when the signal aborts first. */
  async orAborted<T>(answer: Promise<T>): Promise<T | undefined> {
    const { signal } = this;
    let stop: () => void = () => undefined;
    const aborted = new Promise<undefined>((resolve) => {
      stop = () => resolve(undefined);
      signal.addEventListener('abort', stop);
    });
    try {
      return await Promise.race([answer, aborted]);
    } finally {
      signal.removeEventListener('abort', stop);
      answer.catch(() => undefined);
    }
  }

  readonly #cancel = (): void => {
    this.#open?.feed.cancel();
    this.#open = undefined;
  };
}
