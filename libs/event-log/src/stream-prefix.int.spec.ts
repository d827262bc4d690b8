import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { POSITION_START } from '#core';

import { eventLogContract } from '../../../test/contract/event-log.contract.js';
import { event, pagesUntilCaughtUp, written } from '../../../test/contract/event-log-under-test.js';
import { reportEngine } from '../../../test/support/engines.js';
import { openSqliteEventLog } from './adapters/sqlite/index.js';
import type { EventLog } from './event-log.js';
import { withStreamPrefix } from './stream-prefix.js';

eventLogContract('SQLite, shared by services with prefixes', async (limits) => {
  const folder = await mkdtemp(join(tmpdir(), 'tessera-prefix-'));
  const open = async (): Promise<EventLog> =>
    withStreamPrefix(await openSqliteEventLog({ file: join(folder, 'log.sqlite'), writer: 'inline', ...limits }), 'a.');
  let log = await open();
  reportEngine('event log', 'sqlite');
  return {
    get log() {
      return log;
    },
    async reopen() {
      await log.close();
      log = await open();
    },
    async dispose() {
      await log.close();
      await rm(folder, { recursive: true });
    },
  };
});

describe('two services on one log', () => {
  let folder: string;
  let whole: EventLog;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tessera-prefix-'));
    whole = await openSqliteEventLog({ file: join(folder, 'log.sqlite'), writer: 'inline' });
  });
  afterEach(async () => {
    await whole.close();
    await rm(folder, { recursive: true });
  });

  const say = async (log: EventLog, word: string): Promise<void> => {
    const writes = [{ stream: 'system', expected: 'none', events: [event(word)] }] as const;
    written((await log.append({ common: {}, writes }))[0]);
  };
  const heard = async (log: EventLog): Promise<readonly string[]> => {
    const pages = await pagesUntilCaughtUp(log, { after: POSITION_START, prefixes: ['system'] });
    return pages.flatMap(({ events }) => events.map(({ stream, data }) => `${stream} ${data}`));
  };

  it('do not see each other, under the same names', async () => {
    const [a, b] = [withStreamPrefix(whole, 'a.'), withStreamPrefix(whole, 'b.')];
    await say(a, 'from a');
    await say(b, 'from b');
    expect(await heard(a)).toEqual(['system "from a"']);
    expect(await heard(b)).toEqual(['system "from b"']);
    expect((await whole.readStream('a.system')).events).toHaveLength(1);
    expect(await a.deleteStream('system')).toBe(true);
    expect((await b.readStream('system')).exists).toBe(true);
  });

  it('with no prefix is the log itself', () => {
    expect(withStreamPrefix(whole, '')).toBe(whole);
  });
});
