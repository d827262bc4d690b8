import type { Statement } from 'better-sqlite3';

import type { ExpectedRevision } from '../../event-log.js';
import { packIds } from './id-bytes.js';
import type { Connection } from './log-file.js';
import type { AppendedWrites } from './messages.js';
import type { PackedAppend } from './packed-append.js';
import { StreamTable, type StreamState } from './stream-table.js';

/** The statements that change the log. Each call belongs into a transaction; after a rollback, `reset`. */
export class LogTables {
  readonly #streams: StreamTable;
  readonly #types = new Map<string, number>();
  readonly #insertType: Statement<[number, string]>;
  readonly #insertAppend: Statement<[number, number, string, Buffer]>;
  readonly #insertRun: Statement<[number, number, number, number, number]>;
  readonly #insertEvent: Statement<[number, string, Buffer | null, string | null]>;
  readonly #deleteEvents: Statement<[number]>;
  readonly #deleteRuns: Statement<[number]>;
  readonly #head: Statement<[], number>;
  readonly #allTypes: Statement<[], { key: number; name: string }>;
  #lastPosition = 0;

  constructor(db: Connection) {
    this.#streams = new StreamTable(db);
    this.#insertType = db.prepare('INSERT INTO types (key, name) VALUES (?, ?)');
    this.#insertAppend = db.prepare('INSERT INTO appends (position, count, metadata, ids) VALUES (?, ?, ?, ?)');
    this.#insertRun = db.prepare('INSERT INTO runs (position, stream, revision, count, type) VALUES (?, ?, ?, ?, ?)');
    this.#insertEvent = db.prepare('INSERT INTO events (position, data, client_id, metadata) VALUES (?, ?, ?, ?)');
    this.#deleteEvents = db.prepare(
      `DELETE FROM events WHERE position IN (
         SELECT e.position FROM runs r CROSS JOIN events e
         WHERE r.stream = ? AND e.position BETWEEN r.position AND r.position + r.count - 1)`,
    );
    this.#deleteRuns = db.prepare('DELETE FROM runs WHERE stream = ?');
    this.#head = db.prepare<[], number>(HEAD).pluck();
    this.#allTypes = db.prepare('SELECT key, name FROM types');
    this.#load();
  }

  /** Number of the newest event; 0 when there never was one. */
  get head(): number {
    return this.#lastPosition;
  }

  append({ common, writes, events }: PackedAppend): AppendedWrites {
    const first = this.#lastPosition + 1;
    const revisions: number[] = [];
    const positions: number[] = [];
    const ids: string[] = [];
    let from = 0;
    for (const [index, name] of writes.streams.entries()) {
      const to = from + (writes.counts[index] ?? 0);
      const known = this.#streams.find(name);
      if (isAsExpected(known, writes.expected[index] ?? 'any')) {
        const stream = known ?? this.#streams.create(name);
        this.#write(stream, events, from, to);
        for (let event = from; event < to; event += 1) ids.push(events.ids[event] ?? '');
        revisions.push(stream.last);
        positions.push(this.#lastPosition);
      } else {
        revisions.push(known?.last ?? -1);
        positions.push(0);
      }
      from = to;
    }
    if (ids.length > 0) this.#insertAppend.run(first, ids.length, common, packIds(ids));
    return { revisions, positions };
  }

  /** False when the stream holds nothing. */
  deleteStream(name: string): boolean {
    const stream = this.#streams.find(name);
    if (stream === undefined || stream.last === -1) return false;
    this.#deleteEvents.run(stream.key);
    this.#deleteRuns.run(stream.key);
    this.#streams.emptied(stream);
    return true;
  }

  reset(): void {
    this.#streams.reset();
    this.#load();
  }

  /** Puts the events `from` to `to` (exclusive) into the stream, as a run for each stretch of one type. */
  #write(stream: StreamState, { types, data, clientIds, metadata }: PackedAppend['events'], from: number, to: number) {
    let start = from;
    for (let event = from; event < to; event += 1) {
      this.#lastPosition += 1;
      this.#insertEvent.run(
        this.#lastPosition,
        data[event] ?? '',
        clientIdBytes(clientIds?.[event]),
        metadata?.[event] ?? null,
      );
      if (event + 1 < to && types[event + 1] === types[event]) continue;
      const count = event + 1 - start;
      this.#insertRun.run(
        this.#lastPosition - count + 1,
        stream.key,
        stream.next,
        count,
        this.#typeKey(types[event] ?? ''),
      );
      stream.next += count;
      start = event + 1;
    }
    stream.last = stream.next - 1;
  }

  #typeKey(name: string): number {
    const known = this.#types.get(name);
    if (known !== undefined) return known;
    const key = this.#types.size + 1;
    this.#insertType.run(key, name);
    this.#types.set(name, key);
    return key;
  }

  #load(): void {
    this.#lastPosition = this.#head.get() ?? 0;
    this.#types.clear();
    for (const { key, name } of this.#allTypes.all()) this.#types.set(name, key);
  }
}

/** No row when the log is empty. Deleting streams never moves it back. */
export const HEAD = 'SELECT position + count - 1 FROM appends ORDER BY position DESC LIMIT 1';

function isAsExpected(stream: StreamState | undefined, expected: ExpectedRevision): boolean {
  if (expected === 'any') return true;
  const last = stream?.last ?? -1;
  return expected === 'none' ? last === -1 : last === expected;
}

function clientIdBytes(hex: string | undefined): Buffer | null {
  return hex === undefined ? null : Buffer.from(hex, 'hex');
}
