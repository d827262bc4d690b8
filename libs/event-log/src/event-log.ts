import type { JsonObject, Position, TesseraError } from '#core';

/** An event that is to be appended. */
export interface NewEvent {
  /**
   * UUID in lower case, minted once per item and kept over our own retries; `eventIds` mints those that a log keeps best.
   * An engine may take the same id in the same stream for a repeat.
   */
  readonly id: string;
  readonly type: string;
  /** JSON text of at most `MAX_EVENT_BYTES`; the log keeps it verbatim and never parses it. */
  readonly data: string;
  /** What this event's metadata says beyond the common metadata of its append; nothing personal. */
  readonly metadata?: JsonObject;
  /** Keyed fingerprints of the client's id and of the content, 32 hexadecimal digits each. */
  readonly clientId?: ClientIdHash;
}

export interface ClientIdHash {
  readonly idHash: string;
  readonly contentHash: string;
}

/** What the stream must look like: anything, no event in it now, or its last event at exactly this revision. */
export type ExpectedRevision = 'any' | 'none' | number;

export interface StreamWrite {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  /** At least one. They are appended together or not at all. */
  readonly events: readonly NewEvent[];
}

export interface AppendRequest {
  /** Metadata shared by all events of the request; an event's own metadata wins over it. */
  readonly common: JsonObject;
  /** Each write succeeds or is refused on its own. Writes to one stream keep their order. */
  readonly writes: readonly StreamWrite[];
}

export type WriteOutcome =
  /**
   * Durable. The revision is that of the write's last event; revisions of one write are consecutive. The position is that
   * of the same event, or of a later one of the same stream that was appended together with it: who has come there has
   * come past this write.
   */
  | { readonly outcome: 'written'; readonly revision: number; readonly position: Position }
  /** Not written, for certain: the stream is at `actual` (-1 = no stream). */
  | { readonly outcome: 'refused'; readonly actual: number }
  /** The adapter looked, repeated, and still does not know. */
  | { readonly outcome: 'unknown'; readonly error: TesseraError };

export interface RecordedEvent {
  readonly position: Position;
  readonly stream: string;
  /** Counts from 0 in its stream. */
  readonly revision: number;
  readonly id: string;
  readonly type: string;
  readonly data: string;
  /** Common and own metadata together. */
  readonly metadata: JsonObject;
  readonly clientId?: ClientIdHash;
}

export interface ReadStreamOptions {
  /** First revision wanted, inclusive; by default the first (forwards) or the last (backwards). */
  readonly from?: number;
  readonly direction?: 'forwards' | 'backwards';
  /** At most this many events; 1,000 by default. */
  readonly limit?: number;
}

export interface StreamSlice {
  /** False when the stream was never written or is deleted. */
  readonly exists: boolean;
  readonly events: readonly RecordedEvent[];
  /** Where to go on with `from`, when there is more. */
  readonly next?: number;
}

export interface SubscribeOptions {
  /** Exclusive; `POSITION_START` for everything. */
  readonly after: Position;
  /** Only streams whose names begin with one of these. */
  readonly prefixes: readonly string[];
  /** Events per page at most; 2,000 by default. */
  readonly pageSize?: number;
  /** Pages end after about this many bytes of data even when not full; 8 MB by default. */
  readonly pageBytes?: number;
  /** Ends the subscription: the iteration finishes without an error. */
  readonly signal?: AbortSignal;
}

/** A step of a subscription. Pages without events move the position on over what the filter leaves out. */
export interface EventPage {
  readonly events: readonly RecordedEvent[];
  /** Everything up to here was delivered: a consumer may checkpoint it once it has committed the page. */
  readonly position: Position;
  /** Nothing was left behind `position` when the page was made. */
  readonly caughtUp: boolean;
}

export interface EventLogReader {
  readStream(stream: string, options?: ReadStreamOptions): Promise<StreamSlice>;
  /**
   * All matching events in log order, without a gap and without an end: after the last one it waits for more. The next
   * page is fetched only when the consumer asks for it (a bounded number may be read ahead). The first page comes at
   * once, with or without events: so a consumer learns that it is caught up. Ends when the log is closed; throws
   * `LOG_UNAVAILABLE` when the log is lost, `INVALID_REQUEST` for a position that is not of this log.
   */
  subscribe(options: SubscribeOptions): AsyncIterable<EventPage>;
  /**
   * Position of the newest event, whatever its stream; `POSITION_START` when there is none. Not before any position that
   * was answered, and never moved back, not even by deleting.
   */
  head(): Promise<Position>;
  /** How much log lies between two positions, in a unit of the engine's own: good for ratios (progress), nothing else. */
  distance(from: Position, to: Position): number;
  /** Waits for appends under way and ends the subscriptions; whatever is called afterwards is `LOG_UNAVAILABLE`. */
  close(): Promise<void>;
}

/**
 * The truth. `append` resolves when every `written` outcome is durable. Calls that are under way together are written to
 * one stream in the order of the calls: a request is appended in slices, several at a time.
 *
 * It rejects, with a coded error, only when nothing at all was written: `INVALID_REQUEST`, `EVENT_TOO_LARGE`,
 * `TOO_MANY_REQUESTS`, `LOG_UNAVAILABLE`, `LOG_FULL`, `LOG_READ_ONLY`.
 */
export interface EventLog extends EventLogReader {
  append(request: AppendRequest): Promise<readonly WriteOutcome[]>;
  /**
   * Deletes what the stream holds; it may be written again, and its revisions go on. Subscriptions may still show
   * deleted events until the engine has cleaned up. False when there was nothing to delete. Rejects like `append`, and
   * with `LOG_OUTCOME_UNKNOWN`; it may be repeated.
   */
  deleteStream(stream: string): Promise<boolean>;
}
