import Database from 'better-sqlite3';

import { TesseraError } from '#core';

import { toOpenError } from './sqlite-errors.js';

export type Connection = Database.Database;

/**
 * Every fact once, at the level where it is shared: an append request, a run (events of one type that one write put into
 * one stream), an event. Measured against a row per event with all of it, for 245 bytes of data, a client id and 20
 * events per write: 299 bytes per event instead of 323; and a filter looks at runs, not at events.
 *
 * - `appends` are never deleted: the last one tells where the log ends, whatever was deleted. `ids`: see `packIds`.
 * - `streams` keep their row when they are deleted, with `since`, the first revision after that.
 * - Stream names have no unique index, which would hold them a second time: they end in what tells them apart, and the
 *   one writer compares the whole name. Measured with a new stream per event and 1,000 events per commit: 2,500 bytes
 *   written per event instead of 5,800.
 * - No index on event ids: on random ids it costs more than half of the rate, and nothing looks for one.
 */
const LAYOUT = `
  CREATE TABLE streams (key INTEGER PRIMARY KEY, name TEXT NOT NULL, since INTEGER NOT NULL);
  CREATE INDEX streams_by_end_of_name ON streams (substr(name, -6));
  CREATE TABLE types (key INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
  CREATE TABLE appends (
    position INTEGER PRIMARY KEY, count INTEGER NOT NULL, metadata TEXT NOT NULL, ids BLOB NOT NULL
  );
  CREATE TABLE runs (
    position INTEGER PRIMARY KEY, stream INTEGER NOT NULL, revision INTEGER NOT NULL, count INTEGER NOT NULL,
    type INTEGER NOT NULL, UNIQUE (stream, revision)
  );
  CREATE TABLE events (position INTEGER PRIMARY KEY, data TEXT NOT NULL, client_id BLOB, metadata TEXT);
`;
const LAYOUT_VERSION = 1;
/** Tells a log from any other SQLite file: "TSLG". */
const APPLICATION_ID = 0x54534c47;

/** Rows of 300 bytes waste 2% of such a page and 4% of one of 4 KB; larger ones make scattered writes dearer. */
const PAGE_BYTES = 8_192;
/** 40 MB: checkpoints of a tenth of that, the default, cost a tenth of the append rate. The WAL file stays that large. */
const CHECKPOINT_PAGES = 5_000;
/** Room for the ends of the indexes on streams, where new streams are put at random. */
const WRITER_CACHE_KIB = 32 * 1_024;
/** How long a statement waits for a lock that another process holds, a backup for example. */
const BUSY_MILLISECONDS = 5_000;

export interface LogFileOptions {
  readonly file: string;
  /** The file grows to this many pages of 8 KiB at most; without it, to the room on the disk. */
  readonly maxPages?: number;
}

/**
 * Opens the file for its writer and creates it when it is missing. Throws `DATA_FOLDER_UNUSABLE` when the file is not a
 * log that this version can write, `LOG_READ_ONLY` when it may not be written, and what else `toOpenError` tells.
 */
export function openForWriting({ file, maxPages }: LogFileOptions): Connection {
  return connect(file, {}, (db) => {
    db.pragma(`page_size = ${PAGE_BYTES}`);
    db.pragma('journal_mode = WAL');
    // The default in WAL mode would acknowledge what a power failure takes back.
    db.pragma('synchronous = FULL');
    db.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    db.pragma(`journal_size_limit = ${CHECKPOINT_PAGES * PAGE_BYTES}`);
    db.pragma(`cache_size = -${WRITER_CACHE_KIB}`);
    // What is deleted is overwritten, not left in free pages.
    db.pragma('secure_delete = ON');
    if (maxPages !== undefined) db.pragma(`max_page_count = ${maxPages}`);
    db.transaction(() => createOrCheck(db, file)).immediate();
    requireWritable(db);
  });
}

/** Opens a file that has a writer. */
export function openForReading(file: string): Connection {
  return connect(file, { readonly: true, fileMustExist: true }, (db) => checkLayout(db, file));
}

function connect(file: string, options: Database.Options, prepare: (db: Connection) => void): Connection {
  let db: Connection | undefined;
  try {
    db = new Database(file, { ...options, timeout: BUSY_MILLISECONDS });
    prepare(db);
    return db;
  } catch (error) {
    db?.close();
    throw toOpenError(error, file);
  }
}

function createOrCheck(db: Connection, file: string): void {
  const isEmpty = db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0;
  if (!isEmpty) return checkLayout(db, file);
  db.exec(LAYOUT);
  db.pragma(`application_id = ${APPLICATION_ID}`);
  db.pragma(`user_version = ${LAYOUT_VERSION}`);
}

/** A file that may not be written can be opened and locked all the same; only a change fails. This one is undone. */
function requireWritable(db: Connection): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    db.pragma(`user_version = ${LAYOUT_VERSION}`);
  } finally {
    db.exec('ROLLBACK');
  }
}

function checkLayout(db: Connection, file: string): void {
  if (db.pragma('application_id', { simple: true }) !== APPLICATION_ID) {
    throw new TesseraError('DATA_FOLDER_UNUSABLE', `${file} is not an event log of Tessera`);
  }
  const version = Number(db.pragma('user_version', { simple: true }));
  if (version === LAYOUT_VERSION) return;
  throw new TesseraError(
    'DATA_FOLDER_UNUSABLE',
    `${file} has layout ${version}; this version of Tessera knows layout ${LAYOUT_VERSION} only`,
  );
}
