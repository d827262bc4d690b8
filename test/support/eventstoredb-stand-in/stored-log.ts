import { randomUUID } from 'node:crypto';

import { checkAppend, type Decision, type Expected } from './append-check.js';
import { IdMemory } from './id-memory.js';
import {
  DELETED_STREAM,
  METADATA_TYPE,
  metastreamOf,
  TOMBSTONE_TYPE,
  type LogPosition,
  type ProposedEvent,
  type StoredEvent,
} from './stored-event.js';
import { StoredStream } from './stored-stream.js';

/** What the log answers to a write; `position` is that of the last event, unless it cannot be read any more. */
export type Written =
  | { readonly kind: 'written'; readonly revision: bigint; readonly position: bigint | undefined }
  | Exclude<Decision, { kind: 'write' | 'repeat' }>;

/** About what a record takes on disk beside its data, metadata and names, in bytes. */
const RECORD_OVERHEAD = 100;

/** The log of a real server begins with a record of its own, so no event is at position 0. */
const LOG_START = 256n;

/** The data of the stand-in: they outlive `kill` and `restart`. */
export class StoredLog {
  private all: StoredEvent[] = [];
  private readonly streams = new Map<string, StoredStream>();
  private readonly memory = new IdMemory();
  private readonly listeners = new Set<() => void>();
  private end = LOG_START;

  append(name: string, expected: Expected, events: readonly ProposedEvent[]): Written {
    const ids = events.map(({ id }) => id);
    const decision = this.check(name, expected, ids);
    if (decision.kind === 'repeat') return this.repeated(name, decision.last);
    if (decision.kind !== 'write') return decision;
    const stream = this.stream(name);
    const undelete = stream.softDeleted && events.length > 0;
    const recreatedFrom = stream.last + 1n;
    let last: StoredEvent | undefined;
    for (const event of events) last = this.store(name, stream, event);
    if (undelete) this.writeMetadata(name, recreatedFrom);
    this.tell();
    return { kind: 'written', revision: stream.last, position: last?.position };
  }

  /** Soft: the events stay in `$all`, and the stream may be written again. */
  delete(name: string, expected: Expected): Written {
    const decision = this.check(name, expected, [randomUUID()]);
    if (decision.kind === 'refused' || decision.kind === 'deleted') return decision;
    if (this.stream(name).last < 0n && !this.hasMetadata(name)) return { kind: 'refused', current: -1n };
    const { revision, position } = this.writeMetadata(name, DELETED_STREAM);
    this.tell();
    return { kind: 'written', revision, position };
  }

  tombstone(name: string, expected: Expected): Written {
    const decision = this.check(name, expected, [randomUUID()]);
    if (decision.kind === 'refused' || decision.kind === 'deleted') return decision;
    this.stream(name).tombstoned = true;
    const event = { id: randomUUID(), type: TOMBSTONE_TYPE, contentType: 'application/octet-stream' };
    const { position } = this.record(name, DELETED_STREAM, { ...event, data: NOTHING, metadata: NOTHING });
    this.tell();
    return { kind: 'written', revision: DELETED_STREAM, position };
  }

  find(name: string): StoredStream | undefined {
    return this.streams.get(name);
  }

  get size(): number {
    return this.all.length;
  }

  at(index: number): StoredEvent | undefined {
    return this.all[index];
  }

  /** Where the next record will begin. */
  get endPosition(): bigint {
    return this.end;
  }

  /** The index of the first event whose position is at or after the given one. */
  indexFrom({ commit, prepare }: LogPosition): number {
    let low = 0;
    let high = this.all.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = this.all[middle]?.position ?? 0n;
      if (at < commit || (at === commit && at < prepare)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The index of the first event after the given position. */
  indexAfter(position: LogPosition): number {
    const index = this.indexFrom(position);
    const at = this.all[index]?.position;
    return at === position.commit && at === position.prepare ? index + 1 : index;
  }

  onAppended(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  forgetIds(): void {
    this.memory.forget();
  }

  /** Removes from `$all` and from the streams what `keeps` does not keep. */
  remove(keeps: (event: StoredEvent) => boolean): void {
    this.all = this.all.filter((event) => {
      const kept = keeps(event);
      if (!kept) this.stream(event.stream).events[Number(event.revision)] = undefined;
      return kept;
    });
  }

  private check(name: string, expected: Expected, ids: readonly string[]): Decision {
    const hasMetadata = this.hasMetadata(name);
    return checkAppend({ name, stream: this.stream(name), hasMetadata, expected, ids, memory: this.memory });
  }

  private repeated(name: string, revision: bigint): Written {
    const stream = this.stream(name);
    const readable = revision >= stream.first ? stream.at(revision) : undefined;
    return { kind: 'written', revision, position: readable?.position };
  }

  private hasMetadata(name: string): boolean {
    return (this.find(metastreamOf(name))?.last ?? -1n) >= 0n;
  }

  private stream(name: string): StoredStream {
    const found = this.streams.get(name);
    if (found !== undefined) return found;
    const stream = new StoredStream();
    this.streams.set(name, stream);
    return stream;
  }

  private store(name: string, stream: StoredStream, proposed: ProposedEvent): StoredEvent {
    const event = this.record(name, stream.last + 1n, proposed);
    stream.events.push(event);
    this.memory.remember(event.id, { stream: name, revision: event.revision });
    if (name.startsWith('$$')) this.stream(name.slice(2)).truncateBefore = truncateBeforeOf(event);
    return event;
  }

  private record(stream: string, revision: bigint, proposed: ProposedEvent): StoredEvent {
    const position = this.end;
    const size = proposed.data.length + proposed.metadata.length + stream.length + 2 * proposed.type.length;
    this.end += BigInt(size + RECORD_OVERHEAD);
    const event = { ...proposed, stream, revision, position, end: this.end, created: ticksNow() };
    this.all.push(event);
    return event;
  }

  private writeMetadata(name: string, truncateBefore: bigint): StoredEvent {
    const metastream = metastreamOf(name);
    const data = Buffer.from(`{"$tb":${truncateBefore.toString()}}`);
    const event = { id: randomUUID(), type: METADATA_TYPE, contentType: 'application/json', data, metadata: NOTHING };
    return this.store(metastream, this.stream(metastream), event);
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}

const NOTHING = new Uint8Array();
const ticksNow = (): string => `${Date.now()}0000`;

function truncateBeforeOf({ data }: StoredEvent): bigint {
  // Not parsed as JSON: the largest long is no number of JavaScript.
  const found = /"\$tb"\s*:\s*(\d+)/.exec(Buffer.from(data).toString('utf8'));
  return BigInt(found?.[1] ?? 0);
}
