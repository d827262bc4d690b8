import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { EventLog } from '#event-log';
import { openSqliteEventLog } from '#event-log/sqlite';
import type { ReadStore } from '#read-store';
import { openSqliteReadStore } from '#read-store/sqlite';

import { reportEngine } from './engines.js';

export interface EmbeddedEngines {
  readonly log: EventLog;
  readonly store: ReadStore;
  dispose(): Promise<void>;
}

/** Both embedded engines in a temporary folder, the log's writer in this thread. */
export async function openEmbeddedEngines(): Promise<EmbeddedEngines> {
  const folder = await mkdtemp(join(tmpdir(), 'tessera-engines-'));
  const log = await openSqliteEventLog({ file: join(folder, 'log.sqlite'), writer: 'inline' });
  const store = await openSqliteReadStore({ file: join(folder, 'read.sqlite'), mode: 'write' });
  reportEngine('event log', 'sqlite');
  reportEngine('read store', 'sqlite');
  return {
    log,
    store,
    async dispose() {
      await log.close();
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
}
