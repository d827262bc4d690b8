import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { EventLog } from '../../event-log.js';
import { eventLogContract } from '../../../../../test/contract/event-log.contract.js';
import type { EventLogFactory, EventLogLimits } from '../../../../../test/contract/event-log-under-test.js';
import { built } from '../../../../../test/support/built.js';
import { reportEngine } from '../../../../../test/support/engines.js';
import { attachSqliteEventLog, openSqliteEventLog } from './index.js';

interface Opened {
  readonly log: EventLog;
  close(): Promise<void>;
}

type Open = (file: string, limits: EventLogLimits | undefined) => Promise<Opened>;

function onFile(open: Open): EventLogFactory {
  return async (limits) => {
    const folder = await mkdtemp(join(tmpdir(), 'tessera-event-log-'));
    const file = join(folder, 'log.sqlite');
    let opened = await open(file, limits);
    reportEngine('event log', 'sqlite');
    return {
      get log() {
        return opened.log;
      },
      async reopen() {
        await opened.close();
        opened = await open(file, limits);
      },
      async dispose() {
        await opened.close();
        await rm(folder, { recursive: true });
      },
    };
  };
}

const writerEntry = (): URL => built('libs/event-log/src/adapters/sqlite/writer-thread.js');

eventLogContract(
  'SQLite, its writer in the same thread',
  onFile(async (file, limits) => {
    const log = await openSqliteEventLog({ file, writer: 'inline', ...limits });
    return { log, close: () => log.close() };
  }),
);

eventLogContract(
  'SQLite, its writer in a thread of its own',
  onFile(async (file, limits) => {
    const log = await openSqliteEventLog({ file, writer: 'thread', writerEntry: writerEntry(), ...limits });
    return { log, close: () => log.close() };
  }),
);

eventLogContract(
  'SQLite, attached to the writer of another',
  onFile(async (file, limits) => {
    const owner = await openSqliteEventLog({ file, writer: 'thread', writerEntry: writerEntry() });
    const log = await attachSqliteEventLog({ file, port: owner.share(), ...limits });
    return {
      log,
      async close() {
        await log.close();
        await owner.close();
      },
    };
  }),
);
