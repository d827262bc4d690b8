import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { EventLog } from '#event-log';
import { openSqliteEventLog } from '#event-log/sqlite';
import type { ReadStore } from '#read-store';
import { openMongoReadStore } from '#read-store/mongodb';
import { openSqliteReadStore } from '#read-store/sqlite';

import { reportEngine } from './engines.js';
import { removeDatabases } from './mongodb/remove-databases.js';
import { TEST_DATABASE, testEngines } from './test-engines.js';

export interface EmbeddedEngines {
  readonly log: EventLog;
  readonly store: ReadStore;
  dispose(): Promise<void>;
}

/**
 * A log of the embedded engine in a temporary folder, its writer in this thread, and beside it a read store: embedded too,
 * or with `TESSERA_TEST_STORE=mongodb` a new database on the server at `MONGODB_URL`.
 */
export async function openEmbeddedEngines(): Promise<EmbeddedEngines> {
  const folder = await mkdtemp(join(tmpdir(), 'tessera-engines-'));
  const log = await openSqliteEventLog({ file: join(folder, 'log.sqlite'), writer: 'inline' });
  const { store, remove } =
    testEngines.store === 'mongodb'
      ? await openNewDatabase(process.env['MONGODB_URL'] ?? '')
      : { store: await openSqliteReadStore({ file: join(folder, 'read.sqlite'), mode: 'write' }), remove: nothing };
  reportEngine('event log', 'sqlite');
  reportEngine('read store', testEngines.store);
  return {
    log,
    store,
    async dispose() {
      await log.close();
      await store.close();
      await remove();
      await rm(folder, { recursive: true });
    },
  };
}

async function openNewDatabase(url: string) {
  const database = TEST_DATABASE + randomUUID();
  return { store: await openMongoReadStore({ url, database }), remove: () => removeDatabases(url, database) };
}

const nothing = async (): Promise<void> => undefined;
