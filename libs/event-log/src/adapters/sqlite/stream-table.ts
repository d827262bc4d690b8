import type { Statement } from 'better-sqlite3';

import { LruMap } from '#core';

import type { Connection } from './log-file.js';

/** Where a stream stands, as far as the transaction under way has come. */
export interface StreamState {
  readonly key: number;
  /** Revision of its last event; -1 when it holds none. */
  last: number;
  /** Revision that its next event gets. */
  next: number;
}

/** About 20 MB of names and states; the streams that a burst writes to again and again. */
const CACHED_STREAMS = 100_000;

/** Streams by name, for the writer alone: it must see every change, and forget what was rolled back. */
export class StreamTable {
  readonly #cache = new LruMap<string, StreamState>(CACHED_STREAMS);
  readonly #find: Statement<[string, string], { key: number; since: number }>;
  readonly #lastRevision: Statement<[number], number>;
  readonly #insert: Statement<[number, string]>;
  readonly #setSince: Statement<[number, number]>;
  readonly #lastKey: Statement<[], number | null>;
  #nextKey: number;

  constructor(db: Connection) {
    this.#find = db.prepare(FIND_STREAM);
    this.#lastRevision = db.prepare<[number], number>(LAST_REVISION).pluck();
    this.#insert = db.prepare('INSERT INTO streams (key, name, since) VALUES (?, ?, 0)');
    this.#setSince = db.prepare('UPDATE streams SET since = ? WHERE key = ?');
    this.#lastKey = db.prepare<[], number | null>('SELECT max(key) FROM streams').pluck();
    this.#nextKey = this.#firstFreeKey();
  }

  find(name: string): StreamState | undefined {
    const cached = this.#cache.get(name);
    if (cached !== undefined) return cached;
    const row = this.#find.get(name, name);
    if (row === undefined) return undefined;
    const last = this.#lastRevision.get(row.key) ?? -1;
    const state = { key: row.key, last, next: Math.max(last + 1, row.since) };
    this.#cache.set(name, state);
    return state;
  }

  create(name: string): StreamState {
    const state = { key: this.#nextKey, last: -1, next: 0 };
    this.#insert.run(state.key, name);
    this.#nextKey += 1;
    this.#cache.set(name, state);
    return state;
  }

  /** Its events are gone; its revisions go on. */
  emptied(stream: StreamState): void {
    this.#setSince.run(stream.next, stream.key);
    stream.last = -1;
  }

  /** Forgets what it knows of a transaction that was rolled back, or that another connection has outdated. */
  reset(): void {
    this.#cache.clear();
    this.#nextKey = this.#firstFreeKey();
  }

  #firstFreeKey(): number {
    return (this.#lastKey.get() ?? 0) + 1;
  }
}

/** Through the index on the ends of names; takes the name twice. */
export const FIND_STREAM = 'SELECT key, since FROM streams WHERE substr(name, -6) = substr(?, -6) AND name = ?';

/** No row when the stream holds no event. */
export const LAST_REVISION = 'SELECT revision + count - 1 FROM runs WHERE stream = ? ORDER BY revision DESC LIMIT 1';
