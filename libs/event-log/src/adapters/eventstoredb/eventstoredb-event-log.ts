import { TesseraError, type Position } from '#core';

import type {
  AppendRequest,
  EventLog,
  EventPage,
  ReadStreamOptions,
  StreamSlice,
  SubscribeOptions,
  WriteOutcome,
} from '../../event-log.js';
import { Appends } from './appends.js';
import { meaningOf, toLogError } from './client-errors.js';
import { Clients } from './clients.js';
import type { SubscriptionContext } from './feed-keeper.js';
import { LogReads } from './log-reads.js';
import { DEFAULT_TIMINGS, MAX_BYTES_IN_FLIGHT, type EventStoreDbOptions, type EventStoreDbTimings } from './options.js';
import { distanceBetween } from './positions.js';
import { subscription } from './subscription.js';
import { BackOff } from './waiting.js';

/**
 * Opens the log of an EventStoreDB server or cluster; version 23.10 is the oldest that tells when a subscription is live.
 * Throws `LOG_UNAVAILABLE` when the server cannot be reached within `timings.connect` (10 s by default), and
 * `INVALID_CONFIGURATION` for a URL that cannot be used or a user who may not read.
 */
export async function openEventStoreDbEventLog(options: EventStoreDbOptions): Promise<EventLog> {
  const timings: EventStoreDbTimings = {
    ...DEFAULT_TIMINGS,
    ...(options.appendTimeoutMs !== undefined && { append: options.appendTimeoutMs }),
    ...options.timings,
  };
  const report = options.report ?? ((): void => undefined);
  const clients = new Clients(options.url, timings, report);
  const reads = new LogReads(clients, timings);
  try {
    await reach(reads, timings);
  } catch (error) {
    await clients.dispose();
    throw error;
  }
  const closing = new AbortController();
  const context = { clients, reads, timings, report, closing: closing.signal };
  return new EventStoreDbEventLog(context, new Appends(context, options.maxBytesInFlight ?? MAX_BYTES_IN_FLIGHT), () =>
    closing.abort(),
  );
}

/** Asks where the log ends: the server answers only when it is ready and the user may read `$all`. */
async function reach(reads: LogReads, timings: EventStoreDbTimings): Promise<void> {
  const backOff = new BackOff(timings.firstRetry, timings.longestRetry);
  const end = Date.now() + timings.connect;
  for (;;) {
    try {
      await reads.head(end - Date.now());
      return;
    } catch (error) {
      if (meaningOf(error) === 'denied') {
        const message = 'EventStoreDB does not let this user read $all';
        throw new TesseraError('INVALID_CONFIGURATION', message, { cause: error });
      }
      const failure = toLogError(error, 'Opening the event log');
      if (failure.code !== 'LOG_UNAVAILABLE') throw failure;
      await backOff.pause();
      // What is left must suffice for an answer: of a call that had no time nobody learns why the server is away.
      if (end - Date.now() < timings.firstRetry) throw failure;
    }
  }
}

class EventStoreDbEventLog implements EventLog {
  #closed: Promise<void> | undefined;

  constructor(
    private readonly context: SubscriptionContext,
    private readonly appends: Appends,
    private readonly endSubscriptions: () => void,
  ) {}

  async append(request: AppendRequest): Promise<readonly WriteOutcome[]> {
    this.#requireOpen();
    return this.appends.append(request);
  }

  async deleteStream(stream: string): Promise<boolean> {
    this.#requireOpen();
    return this.appends.deleteStream(stream);
  }

  async readStream(stream: string, options: ReadStreamOptions = {}): Promise<StreamSlice> {
    return this.#read(`Reading ${stream}`, () => this.context.reads.readStream(stream, options));
  }

  async *subscribe(options: SubscribeOptions): AsyncGenerator<EventPage, void, undefined> {
    this.#requireOpen();
    yield* subscription(this.context, options);
  }

  async head(): Promise<Position> {
    return this.#read('Asking where the log ends', () => this.context.reads.head());
  }

  distance(from: Position, to: Position): number {
    return distanceBetween(from, to);
  }

  close(): Promise<void> {
    this.#closed ??= this.#release();
    return this.#closed;
  }

  async #release(): Promise<void> {
    await this.appends.idle();
    this.endSubscriptions();
    await this.context.clients.dispose();
  }

  async #read<T>(what: string, read: () => Promise<T>): Promise<T> {
    this.#requireOpen();
    try {
      return await read();
    } catch (error) {
      throw toLogError(error, what);
    }
  }

  #requireOpen(): void {
    if (this.#closed !== undefined) throw new TesseraError('LOG_UNAVAILABLE', 'The event log is closed');
  }
}
