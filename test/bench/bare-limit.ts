// What the disk and SQLite allow with nothing of ours in between: the same lines, in the same batches, each batch on
// disk before the next, then read back. A process of its own: node bare-limit.js <folder with lines.ndjson, batches.json>
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';

export interface BareLimit {
  readonly items: number;
  readonly appendMs: number;
  readonly readBackMs: number;
  /** Not told of a server. */
  readonly diskBytes?: number;
}

function bareLimit(folder: string): BareLimit {
  const lines = readFileSync(join(folder, 'lines.ndjson'), 'utf8').trimEnd().split('\n');
  const batches = JSON.parse(readFileSync(join(folder, 'batches.json'), 'utf8')) as readonly number[];
  const file = join(folder, 'bare.sqlite');
  const database = new Database(file);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  // As the log of the service has it.
  database.pragma('wal_autocheckpoint = 10000');
  database.exec('CREATE TABLE item (id INTEGER PRIMARY KEY, body TEXT NOT NULL)');
  const insert = database.prepare('INSERT INTO item (body) VALUES (?)');

  const appendStarted = performance.now();
  let next = 0;
  for (const size of batches) {
    database.exec('BEGIN IMMEDIATE');
    for (const end = next + size; next < end; next += 1) insert.run(lines[next]);
    database.exec('COMMIT');
  }
  const appendMs = performance.now() - appendStarted;

  const readStarted = performance.now();
  let readBack = 0;
  for (const body of database.prepare('SELECT body FROM item ORDER BY id').pluck().iterate()) {
    if (body !== lines[readBack]) throw new Error(`line ${readBack} was not read back as it was written`);
    readBack += 1;
  }
  const readBackMs = performance.now() - readStarted;

  database.close();
  return { items: readBack, appendMs, readBackMs, diskBytes: statSync(file).size };
}

const [folder] = process.argv.slice(2);
if (folder !== undefined) process.stdout.write(JSON.stringify(bareLimit(folder)));
