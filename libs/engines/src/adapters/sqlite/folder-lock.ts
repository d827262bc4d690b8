import { join } from 'node:path';

import Database from 'better-sqlite3';

import { TesseraError } from '#core';

export interface FolderLock {
  release(): void;
}

/**
 * The exclusive right to a data folder. SQLite's lock on a file of its own: the operating system takes it back when the
 * process ends, however it ends, and it works on every system that SQLite works on. Throws `DATA_FOLDER_LOCKED`.
 */
export function lockFolder(folder: string): FolderLock {
  // No waiting: a service that holds the folder holds it for good.
  const database = new Database(join(folder, 'lock.db'), { timeout: 0 });
  try {
    // Nothing is ever written, so there is nothing that a journal on disk could bring back.
    database.pragma('journal_mode = MEMORY');
    database.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    if (!isBusy(cause)) throw cause;
    throw new TesseraError(
      'DATA_FOLDER_LOCKED',
      `The data folder ${folder} is served by another process. Stop that one, or name another folder with --data.`,
      { cause },
    );
  }
  return { release: () => database.close() };
}

function isBusy(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' && code.startsWith('SQLITE_BUSY');
}
