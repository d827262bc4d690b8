import type { JsonObject } from '#core';

export type Report = (message: string, details: JsonObject, error?: unknown) => void;

export interface EventStoreDbOptions {
  /** `esdb://…` or `esdb+discover://…`, credentials and TLS in it. */
  readonly url: string;
  /** Milliseconds that an append may take before its outcome is looked up; 10,000 by default. */
  readonly appendTimeoutMs?: number;
  /** Bytes of data that may wait to be appended; `MAX_BYTES_IN_FLIGHT` by default. */
  readonly maxBytesInFlight?: number;
  /** Hears of reconnects, drops, silent subscriptions and new clients. */
  readonly report?: Report;
  /** For tests: how long this adapter waits for what. */
  readonly timings?: Partial<EventStoreDbTimings>;
}

/** All in milliseconds. */
export interface EventStoreDbTimings {
  /** From the call to the first answer of a server when a log is opened. */
  readonly connect: number;
  /** An append, before its outcome is looked up. About one run in nine had a call over 500 ms: leave room. */
  readonly append: number;
  /** Any other call. */
  readonly read: number;
  /** Repeating and looking up one append, before its outcome is `unknown`. */
  readonly settle: number;
  /** The first and the longest pause before a call is repeated; each is up to twice the one before. */
  readonly firstRetry: number;
  readonly longestRetry: number;
  /** A subscription that gets nothing looks this often whether the log has moved. */
  readonly idleCheck: number;
  /** A subscription that cannot be brought back is given up. */
  readonly lost: number;
  /** Letting a client go. */
  readonly dispose: number;
}

export const DEFAULT_TIMINGS: EventStoreDbTimings = {
  connect: 10_000,
  append: 10_000,
  read: 10_000,
  settle: 10_000,
  firstRetry: 50,
  longestRetry: 2_000,
  idleCheck: 250,
  lost: 60_000,
  dispose: 2_000,
};

/** Bytes of data that may wait: what SQLite lets wait too. */
export const MAX_BYTES_IN_FLIGHT = 64 * 1_024 * 1_024;
