import Database from 'better-sqlite3';

import { LruMap, TesseraError } from '#core';

import { notOpened } from './store-errors.js';

export interface ConnectionOptions {
  readonly file: string;
  readonly mode: 'write' | 'read';
  /** Refuses to grow over this many pages of 4 KiB. */
  readonly maxPages?: number;
}

/** What SQLite takes and gives here; rows come as arrays. */
export type SqlValue = string | number | Buffer | null;
export type Row = readonly SqlValue[];
export type Statement = Database.Statement<unknown[], Row>;

/** Raised when the tables change that are the same for all projections; an older file is then refused. */
const FORMAT = 2;

/** A waiting connection blocks its whole thread, and a reader only ever waits while the writer recovers or closes. */
const BUSY_MS = { write: 5_000, read: 1_000 } as const;

/**
 * Page cache in KiB. The writer's holds the indexes of half a million documents, whose pages are written in random
 * order; what is over that, the operating system caches. No memory mapping: it made `get` 20 % faster, but its pages
 * count as memory of the process, and an error of the disk would end the process instead of one call.
 */
const CACHE_KIB = { write: 49_152, read: 16_384 } as const;

/**
 * Pages in the write-ahead log before they go to the file (40 MB). Random pages are written again and again, so that a
 * larger log saves most of the writing: +12 to 35 % commits a second against SQLite's 1,000, for a pause of tens of
 * milliseconds each time.
 */
const CHECKPOINT_PAGES = 10_000;
/** What the log is cut to when readers had kept it from being reused. */
const LOG_LIMIT_BYTES = 64 * 1_024 * 1_024;

/** More shapes of statements than the queries of a service have. */
const STATEMENTS = 500;

/**
 * One SQLite connection with its prepared statements. A `read` connection opens the file when it is first used, because
 * the writer of another thread may not have made it yet.
 */
export class Connection {
  #database: Database.Database | undefined;
  #closed = false;
  readonly #statements = new LruMap<string, Statement>(STATEMENTS);

  constructor(private readonly options: ConnectionOptions) {
    if (options.mode === 'write') this.#database = openForWriting(options);
  }

  get file(): string {
    return this.options.file;
  }

  /** The prepared statement for this text, from earlier where there is one. */
  prepare(sql: string): Statement {
    const database = this.#open();
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = database.prepare<unknown[], Row>(sql);
    if (statement.reader) statement.raw();
    this.#statements.set(sql, statement);
    return statement;
  }

  execute(sql: string): void {
    this.#open().exec(sql);
  }

  /** Runs reads on one snapshot; cheaper, too, than a snapshot for each. */
  snapshot<T>(reads: () => T): T {
    return this.#transaction('BEGIN', reads);
  }

  /** All of it or nothing. Takes the right to write at once: a later upgrade could fail without waiting. */
  immediate<T>(writes: () => T): T {
    if (this.options.mode === 'read') throw new TypeError('this read store was opened for reading only');
    return this.#transaction('BEGIN IMMEDIATE', writes);
  }

  close(): void {
    this.#closed = true;
    this.#statements.clear();
    if (this.options.mode === 'write') this.#emptyLog();
    this.#database?.close();
  }

  /** SQLite does it when the last connection closes; but a reader of another thread that closes later cannot. */
  #emptyLog(): void {
    try {
      this.#database?.pragma('wal_checkpoint(TRUNCATE)');
    } catch {
      // No room, or no right: what is in the log stays there and is read from there.
    }
  }

  #transaction<T>(begin: string, work: () => T): T {
    this.prepare(begin).run();
    try {
      const result = work();
      this.prepare('COMMIT').run();
      return result;
    } catch (error) {
      // Some errors, a full disk among them, have rolled back already.
      if (this.#open().inTransaction) this.prepare('ROLLBACK').run();
      throw error;
    }
  }

  #open(): Database.Database {
    if (this.#closed) throw new TesseraError('STORE_UNAVAILABLE', 'The read store is closed');
    this.#database ??= openForReading(this.options);
    return this.#database;
  }
}

function openForWriting({ file, maxPages }: ConnectionOptions): Database.Database {
  let database: Database.Database | undefined;
  try {
    database = new Database(file, { timeout: BUSY_MS.write });
    // Has an effect only on a new file: every page then has an entry that tells who points to it (8 % slower commits).
    database.pragma('auto_vacuum = INCREMENTAL');
    database.pragma('journal_mode = WAL');
    // The log is the truth: a lost commit comes again, and a checkpoint is never on disk without its documents.
    database.pragma('synchronous = NORMAL');
    database.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    database.pragma(`journal_size_limit = ${LOG_LIMIT_BYTES}`);
    database.pragma(`cache_size = -${CACHE_KIB.write}`);
    if (maxPages !== undefined) database.pragma(`max_page_count = ${maxPages}`);
    createCommonTables(database);
    return database;
  } catch (error) {
    database?.close();
    throw error instanceof TesseraError ? error : notOpened(file, error);
  }
}

function openForReading({ file }: ConnectionOptions): Database.Database {
  try {
    const database = new Database(file, { readonly: true, fileMustExist: true, timeout: BUSY_MS.read });
    database.pragma(`cache_size = -${CACHE_KIB.read}`);
    return database;
  } catch (error) {
    throw notOpened(file, error);
  }
}

function createCommonTables(database: Database.Database): void {
  const format = database.pragma('user_version', { simple: true });
  if (format === FORMAT) return;
  if (format !== 0)
    throw new TesseraError(
      'STORE_UNAVAILABLE',
      `The read store has the format ${String(format)}, this release needs ${FORMAT}. It is only a view: move the file away and it is filled anew from the log.`,
    );
  database.transaction(() => database.exec(COMMON_TABLES)).immediate();
}

const COMMON_TABLES = `
  CREATE TABLE IF NOT EXISTS layouts (
    projection TEXT NOT NULL, version INTEGER NOT NULL, fingerprint TEXT NOT NULL, layout TEXT NOT NULL,
    dropping INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (projection, version)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS checkpoints (
    projection TEXT NOT NULL, version INTEGER NOT NULL, epoch INTEGER NOT NULL, token INTEGER NOT NULL,
    position, claimed_at, ingested_at INTEGER,
    PRIMARY KEY (projection, version)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS registry (projection TEXT PRIMARY KEY, entry TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS leases (
    name TEXT PRIMARY KEY, holder TEXT NOT NULL, epoch INTEGER NOT NULL, beat INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS texts (id INTEGER PRIMARY KEY, value TEXT NOT NULL UNIQUE);
  PRAGMA user_version = ${FORMAT};
`;
