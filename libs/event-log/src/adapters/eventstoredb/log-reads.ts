import { setTimeout as pause } from 'node:timers/promises';

import { BACKWARDS, END, type ResolvedEvent } from '@eventstore/db-client';

import { laterOf, LruMap, POSITION_START, type Position } from '#core';

import type { ReadStreamOptions, RecordedEvent, StreamSlice } from '../../event-log.js';
import { meaningOf } from './client-errors.js';
import type { Clients } from './clients.js';
import { toRecordedEvent } from './event-records.js';
import type { EventStoreDbTimings } from './options.js';
import { knownPosition } from './positions.js';

const DEFAULT_LIMIT = 1_000;
/** A slice ends after about this many bytes of data, whatever its limit. */
const SLICE_BYTES = 8 * 1_024 * 1_024;

/** Milliseconds in which a deleted stream is there again for reads once it was written, and between two looks. */
const REAPPEARS_WITHIN = 1_000;
const REAPPEARING = 5;
const REMEMBERED_STREAMS = 10_000;

/** The read of the client that this module uses. */
interface ServerRead {
  on(event: 'data', listener: (resolved: ResolvedEvent) => void): this;
  on(event: 'end', listener: () => void): this;
  on(event: 'error', listener: (error: Error) => void): this;
  cancel(): Promise<void>;
  destroy(): unknown;
}

interface StreamRead {
  readonly from: number | 'start' | 'end';
  readonly direction: 'forwards' | 'backwards';
  readonly count: number;
}

/** Reads that end. Each is one call with one deadline; none is repeated here. */
export class LogReads {
  #newest: Position = POSITION_START;
  /** When streams that may have been deleted before were last written by this process. */
  readonly #written = new LruMap<string, number>(REMEMBERED_STREAMS);

  constructor(
    private readonly clients: Clients,
    private readonly timings: EventStoreDbTimings,
  ) {}

  /** The newest position that this process has seen, by whatever means: what is not after it was there before now. */
  get newest(): Position {
    return this.#newest;
  }

  saw(position: Position): void {
    this.#newest = laterOf(this.#newest, position);
  }

  /** Asks the server; never before a position that was seen. */
  async head(milliseconds = this.timings.read): Promise<Position> {
    const { found } = await this.clients.reads.call(milliseconds, (client, signal) =>
      collect(
        client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 1 }) as unknown as ServerRead,
        signal,
      ),
    );
    this.saw(knownPosition(found[0]?.event?.position) ?? POSITION_START);
    return this.#newest;
  }

  async readStream(stream: string, options: ReadStreamOptions): Promise<StreamSlice> {
    const { from, direction = 'forwards', limit = DEFAULT_LIMIT } = options;
    const first = from ?? (direction === 'forwards' ? 'start' : 'end');
    const read = await this.#read(stream, { from: first, direction, count: limit + 1 });
    if (read === undefined) return { exists: false, events: [] };
    const { events, cut } = read;
    const next = cut || events.length > limit ? events.pop() : undefined;
    return { exists: true, events, ...(next !== undefined && { next: next.revision }) };
  }

  /** -1 when there is no event in the stream now. */
  async lastRevision(stream: string): Promise<number> {
    const read = await this.#read(stream, { from: 'end', direction: 'backwards', count: 1 });
    return read?.events[0]?.revision ?? -1;
  }

  /** Newest first, some at least; `undefined` when there is no event in the stream now. */
  async backwards(stream: string, from: number | 'end', count: number): Promise<readonly RecordedEvent[] | undefined> {
    return (await this.#read(stream, { from, direction: 'backwards', count }))?.events;
  }

  /** Oldest first, some at least. */
  async forwards(stream: string, from: number, count: number): Promise<readonly RecordedEvent[]> {
    return (await this.#read(stream, { from, direction: 'forwards', count }))?.events ?? [];
  }

  /** An append to this stream was answered. */
  wrote(stream: string): void {
    this.#written.set(stream, Date.now());
  }

  deleted(stream: string): void {
    this.#written.delete(stream);
  }

  /**
   * The server answers an append to a deleted stream a moment before the stream is there again for reads: what was
   * written just now is waited for.
   */
  async #read(stream: string, read: StreamRead): Promise<Read<RecordedEvent> | undefined> {
    for (;;) {
      const found = await this.#readOnce(stream, read);
      const written = this.#written.get(stream);
      if (found !== undefined || written === undefined || Date.now() - written > REAPPEARS_WITHIN) return found;
      await pause(REAPPEARING);
    }
  }

  async #readOnce(stream: string, { from, direction, count }: StreamRead): Promise<Read<RecordedEvent> | undefined> {
    const options = {
      fromRevision: typeof from === 'number' ? BigInt(from) : from,
      direction,
      maxCount: count,
    };
    try {
      const { found, cut } = await this.clients.reads.call(this.timings.read, (client, signal) =>
        collect(client.readStream(stream, options) as unknown as ServerRead, signal),
      );
      return { events: found.map(toRecordedEvent), cut };
    } catch (error) {
      if (['missing', 'tombstoned'].includes(meaningOf(error))) return undefined;
      throw error;
    }
  }
}

interface Read<E> {
  readonly events: E[];
  /** It was ended early, because it held enough bytes: the last event is one too many. */
  readonly cut: boolean;
}

/** Everything a read gives, up to so many bytes. One that does not end by itself is let go: nothing of it stays open. */
async function collect(
  read: ServerRead,
  signal: AbortSignal,
): Promise<{ readonly found: ResolvedEvent[]; readonly cut: boolean }> {
  const found: ResolvedEvent[] = [];
  let bytes = 0;
  try {
    const cut = await new Promise<boolean>((resolve, reject) => {
      read
        .on('data', (resolved) => {
          found.push(resolved);
          bytes += (resolved.event?.data as Uint8Array | undefined)?.length ?? 0;
          if (bytes > SLICE_BYTES && found.length > 1) resolve(true);
        })
        .on('end', () => resolve(false))
        .on('error', reject);
      signal.addEventListener('abort', () => reject(new Error('Nobody waits for this read any more')));
    });
    if (cut) letGo(read);
    return { found, cut };
  } catch (error) {
    letGo(read);
    throw error;
  }
}

function letGo(read: ServerRead): void {
  read.cancel().catch(() => undefined);
  read.destroy();
}
