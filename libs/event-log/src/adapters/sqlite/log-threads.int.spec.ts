import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { POSITION_START } from '#core';

import { Consumer, errorCode, event, events } from '../../../../../test/contract/event-log-under-test.js';
import { built } from '../../../../../test/support/built.js';
import { attachSqliteEventLog, openSqliteEventLog, type SqliteEventLog } from './index.js';

/** A thread that answers every event of `question_` streams with one in `answer_`, through the shared log. */
const ANSWERING_THREAD = (adapter: string): string => `
  import { parentPort, workerData } from 'node:worker_threads';
  import { randomUUID } from 'node:crypto';
  import { attachSqliteEventLog } from ${JSON.stringify(adapter)};
  const log = await attachSqliteEventLog(workerData);
  const stop = new AbortController();
  parentPort.once('message', () => stop.abort());
  for await (const page of log.subscribe({ after: '', prefixes: ['question_'], signal: stop.signal })) {
    if (page.events.length === 0) continue;
    const answers = page.events.map(({ data }) => ({ id: randomUUID(), type: 'Answered', data }));
    await log.append({ common: {}, writes: [{ stream: 'answer_1', expected: 'any', events: answers }] });
  }
  await log.close();
`;

describe('the SQLite event log in several threads', () => {
  let folder: string;
  let file: string;
  let log: SqliteEventLog;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tessera-log-threads-'));
    file = join(folder, 'log.sqlite');
    const writerEntry = built('libs/event-log/src/adapters/sqlite/writer-thread.js');
    log = await openSqliteEventLog({ file, writerEntry });
  });
  afterEach(async () => {
    await log.close();
    rmSync(folder, { recursive: true });
  });

  it('wakes each of them for what the other appends', async () => {
    const entry = join(folder, 'answering.mjs');
    writeFileSync(entry, ANSWERING_THREAD(built('libs/event-log/src/adapters/sqlite/index.js').href));
    const port = log.share();
    const thread = new Worker(entry, { workerData: { file, port }, transferList: [port] });
    const exited = once(thread, 'exit');
    const answers = new Consumer(log.subscribe({ after: POSITION_START, prefixes: ['answer_'] }));

    for (let round = 0; round < 20; round += 1) {
      const answered = answers.pageWithEvents();
      const writes = [{ stream: `question_${round}`, expected: 'any', events: [event(round)] }] as const;
      await log.append({ common: {}, writes });
      const page = await answered;
      expect(page.events.map(({ data, type }) => [type, data])).toEqual([['Answered', String(round)]]);
    }

    await answers.end();
    thread.postMessage('stop');
    expect(await exited).toEqual([0]);
  });

  it('gives the appends of all of them one order', async () => {
    const attached = await Promise.all(
      Array.from({ length: 3 }, () => attachSqliteEventLog({ file, port: log.share() })),
    );
    const all = [log, ...attached];
    const outcomes = await Promise.all(
      Array.from({ length: 80 }, (_, index) =>
        all[index % 4]!.append({ common: {}, writes: [{ stream: 'a', expected: 'any', events: events(2) }] }),
      ),
    );

    const revisions = outcomes.map(([outcome]) => (outcome?.outcome === 'written' ? outcome.revision : -1));
    expect(revisions.sort((a, b) => a - b)).toEqual(Array.from({ length: 80 }, (_, index) => index * 2 + 1));
    for (const each of attached) {
      expect(await each.head()).toBe(await log.head());
      await each.close();
    }
  });

  it('stays open when an attached one is closed', async () => {
    const attached = await attachSqliteEventLog({ file, port: log.share() });
    await attached.close();
    const [outcome] = await log.append({
      common: {},
      writes: [{ stream: 'a', expected: 'none', events: [event()] }],
    });

    expect(outcome).toMatchObject({ outcome: 'written' });
    expect(await errorCode(attached.head())).toBe('LOG_UNAVAILABLE');
  });

  it('is unavailable to the attached ones when it is closed', async () => {
    const attached = await attachSqliteEventLog({ file, port: log.share() });
    const idle = new Consumer(attached.subscribe({ after: POSITION_START, prefixes: [''] }));
    await idle.page();
    const lost = errorCode(idle.page());
    await log.close();
    expect(await lost).toBe('LOG_UNAVAILABLE');
    const writes = [{ stream: 'a', expected: 'any', events: [event()] }] as const;
    expect(await errorCode(attached.append({ common: {}, writes }))).toBe('LOG_UNAVAILABLE');
    await attached.close();
  });

  it('cannot be shared when it is closed', async () => {
    await log.close();

    expect(() => log.share()).toThrow(expect.objectContaining({ code: 'LOG_UNAVAILABLE' }));
  });
});
