import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { POSITION_START } from '#core';

import { pagesUntilCaughtUp } from '../../../../../test/contract/event-log-under-test.js';
import { built } from '../../../../../test/support/built.js';
import { openSqliteEventLog } from './index.js';

const EVENTS_PER_WRITE = 3;

/**
 * Appends without an end, eight requests at a time, each of two writes to streams that all share. Says "began <tag>"
 * before a request and "acknowledged <tag>" after it; all events of a request carry its tag.
 */
const APPENDING_PROCESS = (adapter: string): string => `
  import { randomUUID } from 'node:crypto';
  import { writeSync } from 'node:fs';
  import { openSqliteEventLog } from ${JSON.stringify(adapter)};
  const log = await openSqliteEventLog({ file: process.argv[2] });
  const say = (what, tag) => writeSync(1, what + ' ' + tag + '\\n');
  const write = (stream, tag) => ({
    stream,
    expected: 'any',
    events: Array.from({ length: ${EVENTS_PER_WRITE} }, () => ({ id: randomUUID(), type: 'Tested', data: JSON.stringify(tag) })),
  });
  async function append(worker) {
    for (let round = 0; ; round++) {
      const tag = process.argv[3] + '.' + worker + '.' + round;
      say('began', tag);
      const outcomes = await log.append({ common: {}, writes: [write('all', tag), write('s' + (round % 5), tag)] });
      if (outcomes.every(({ outcome }) => outcome === 'written')) say('acknowledged', tag);
    }
  }
  await Promise.all(Array.from({ length: 8 }, (_, worker) => append(worker)));
`;

interface Said {
  readonly began: Set<string>;
  readonly acknowledged: Set<string>;
}

describe('the SQLite event log of a process that is killed', () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tessera-log-kill-'));
    file = join(folder, 'log.sqlite');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Kills the process as soon as it has said so many acknowledgements. */
  async function appendUntilKilled(run: string, acknowledgements: number, said: Said): Promise<void> {
    const entry = join(folder, 'appending.mjs');
    writeFileSync(entry, APPENDING_PROCESS(built('libs/event-log/src/adapters/sqlite/index.js').href));
    const child = spawn(process.execPath, [entry, file, run], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'exit');
    let heard = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      const [what, tag] = line.split(' ') as ['began' | 'acknowledged', string];
      said[what].add(tag);
      if (what === 'acknowledged' && ++heard === acknowledgements) child.kill('SIGKILL');
    }
    expect(await ended).toEqual([null, 'SIGKILL']);
  }

  it('holds every acknowledged event once, and no request by half', async () => {
    const said: Said = { began: new Set(), acknowledged: new Set() };
    for (const [run, acknowledgements] of [1, 37, 200, 500].entries()) {
      await appendUntilKilled(String(run), acknowledgements, said);
    }
    const log = await openSqliteEventLog({ file, writer: 'inline' });
    const pages = await pagesUntilCaughtUp(log, { after: POSITION_START, prefixes: [''] });
    const found = pages.flatMap(({ events }) => events);
    await log.close();

    const eventsOf = new Map<string, number>();
    for (const { data } of found) {
      const tag = JSON.parse(data) as string;
      eventsOf.set(tag, (eventsOf.get(tag) ?? 0) + 1);
    }
    expect([...said.acknowledged].filter((tag) => !eventsOf.has(tag))).toEqual([]);
    expect([...eventsOf.keys()].filter((tag) => !said.began.has(tag))).toEqual([]);
    expect(new Set(eventsOf.values())).toEqual(new Set([2 * EVENTS_PER_WRITE]));
    expect(new Set(found.map(({ id }) => id)).size).toBe(found.length);
    for (const stream of ['all', 's0', 's1', 's2', 's3', 's4']) {
      const revisions = found.filter((it) => it.stream === stream).map(({ revision }) => revision);
      expect(revisions).toEqual(revisions.map((_, index) => index));
    }
  });
});
