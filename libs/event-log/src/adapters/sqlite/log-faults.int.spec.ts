import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Database from 'better-sqlite3';

import { POSITION_START, type TesseraError } from '#core';

import type { EventLog, WriteOutcome } from '../../event-log.js';
import { errorCode, event, pagesUntilCaughtUp } from '../../../../../test/contract/event-log-under-test.js';
import { built } from '../../../../../test/support/built.js';
import { openSqliteEventLog, type SqliteEventLog } from './index.js';

const LARGE = JSON.stringify('x'.repeat(20_000));

describe('the SQLite event log', () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tessera-log-faults-'));
    file = join(folder, 'log.sqlite');
  });
  afterEach(() => {
    chmodSync(folder, 0o700);
    rmSync(folder, { recursive: true });
  });

  const openInline = (maxPages?: number): Promise<SqliteEventLog> =>
    openSqliteEventLog({ file, writer: 'inline', ...(maxPages !== undefined && { maxPages }) });

  const write = (log: EventLog, stream: string, data = '{}'): Promise<readonly WriteOutcome[]> =>
    log.append({ common: {}, writes: [{ stream, expected: 'any', events: [event({}, { data })] }] });

  async function writeUntilFull(log: EventLog): Promise<number> {
    for (let count = 0; ; count += 1) {
      const code = await errorCode(write(log, 'filling', LARGE));
      if (code === 'LOG_FULL') return count;
      expect(code).toBe('no error');
    }
  }

  async function count(log: EventLog): Promise<number> {
    const pages = await pagesUntilCaughtUp(log, { after: POSITION_START, prefixes: [''] });
    return pages.reduce((sum, { events }) => sum + events.length, 0);
  }

  it('begins at the start', async () => {
    const log = await openInline();
    expect(await log.head()).toBe(POSITION_START);
    const [first] = await pagesUntilCaughtUp(log, { after: POSITION_START, prefixes: [''] });
    expect(first).toEqual({ events: [], position: POSITION_START, caughtUp: true });
    await log.close();
  });

  it('selects nothing when no prefix is given, and goes on with the log', async () => {
    const log = await openInline();
    await write(log, 'a');
    const pages = await pagesUntilCaughtUp(log, { after: POSITION_START, prefixes: [] });
    expect(pages).toEqual([{ events: [], position: await log.head(), caughtUp: true }]);
    await log.close();
  });

  it('refuses to subscribe behind its end', async () => {
    const log = await openInline();
    const subscription = pagesUntilCaughtUp(log, { after: '000000000001', prefixes: [''] });
    expect(await errorCode(subscription)).toBe('INVALID_REQUEST');
    await log.close();
  });

  it('goes over many events that are left out in pages without events', async () => {
    const log = await openInline();
    const events = Array.from({ length: 25_000 }, () => event());
    await log.append({ common: {}, writes: [{ stream: 'many', expected: 'any', events }] });
    await write(log, 'one');
    const pages = await pagesUntilCaughtUp(log, { after: POSITION_START, prefixes: ['one'] });
    expect(pages.map((page) => page.events.length)).toEqual([0, 0, 1]);
    await log.close();
  });

  it('shows each event once when it stops looking in the middle of what one write appended', async () => {
    const log = await openInline();
    for (const [stream, length] of [
      ['left-out', 9_000],
      ['shown', 1_500],
    ] as const) {
      const events = Array.from({ length }, () => event());
      await log.append({ common: {}, writes: [{ stream, expected: 'any', events }] });
    }
    const pages = await pagesUntilCaughtUp(log, { after: POSITION_START, prefixes: ['shown'] });
    const revisions = pages.flatMap(({ events }) => events.map(({ revision }) => revision));
    expect(revisions).toEqual(Array.from({ length: 1_500 }, (_, index) => index));
    await log.close();
  });

  it('keeps what it has when there is no room, and goes on when there is', async () => {
    const log = await openInline(60);
    await write(log, 'kept');
    const acknowledged = await writeUntilFull(log);

    expect(acknowledged).toBeGreaterThan(5);
    expect(await errorCode(write(log, 'filling', LARGE))).toBe('LOG_FULL');
    expect(await count(log)).toBe(acknowledged + 1);
    expect(await log.deleteStream('filling')).toBe(true);
    const [outcome] = await write(log, 'filling', LARGE);
    expect(outcome).toMatchObject({ outcome: 'written', revision: acknowledged });
    expect(await count(log)).toBe(2);
    await log.close();
  });

  it('goes on after a restart with more room', async () => {
    const full = await openInline(60);
    const acknowledged = await writeUntilFull(full);
    await full.close();
    const log = await openInline(120);

    expect(await count(log)).toBe(acknowledged);
    expect((await write(log, 'filling', LARGE))[0]).toMatchObject({ outcome: 'written', revision: acknowledged });
    await log.close();
  });

  it.each([
    ['a file that may not be written', () => chmodSync(file, 0o444)],
    ['a folder that may not be written', () => chmodSync(folder, 0o555)],
  ])('refuses %s, and leaves the log as it is', async (_name, forbid) => {
    const before = await openInline();
    await write(before, 'a');
    await before.close();
    forbid();
    const code = await asOrdinaryUser(folder, () => errorCode(openInline()));
    chmodSync(folder, 0o755);
    chmodSync(file, 0o644);
    const after = await openInline();

    expect(code).toBe('LOG_READ_ONLY');
    expect(await count(after)).toBe(1);
    await after.close();
  });

  it('refuses to begin a log in a folder that may not be written', async () => {
    chmodSync(folder, 0o555);
    expect(await asOrdinaryUser(folder, () => errorCode(openInline()))).toBe('LOG_READ_ONLY');
    expect(existsSync(file)).toBe(false);
  });

  it.each<[string, () => void, RegExp]>([
    ['of a newer layout', () => withDatabase((db) => db.pragma('user_version = 7')), /layout 7/],
    ['that is another database', () => withDatabase((db) => db.pragma('application_id = 1')), /not an event log/],
    ['that is no database', () => writeFileSync(file, 'x'.repeat(10_000)), /not an event log/],
    ['that is a folder', () => (rmSync(file), mkdirSync(file)), /cannot be opened|unable to open/],
  ])('refuses a file %s, and does not touch it', async (_name, spoil, message) => {
    await (await openInline()).close();
    spoil();
    const before = contents(file);
    const refusal = await openInline().catch((error: unknown) => error as TesseraError);

    expect(refusal).toMatchObject({ message: expect.stringMatching(message) });
    expect(contents(file)).toEqual(before);
  });

  it('refuses a folder that is not there', async () => {
    const options = { file: join(folder, 'missing', 'log.sqlite'), writer: 'inline' } as const;
    expect(await errorCode(openSqliteEventLog(options))).toBe('DATA_FOLDER_UNUSABLE');
  });

  it('passes on from its thread why it cannot open a file', async () => {
    writeFileSync(file, 'x'.repeat(10_000));
    const writerEntry = built('libs/event-log/src/adapters/sqlite/writer-thread.js');
    expect(await errorCode(openSqliteEventLog({ file, writerEntry }))).toBe('DATA_FOLDER_UNUSABLE');
  });

  it('is unavailable when its thread cannot be started', async () => {
    const writerEntry = new URL('./missing.js', import.meta.url);
    expect(await errorCode(openSqliteEventLog({ file, writerEntry }))).toBe('LOG_UNAVAILABLE');
  });

  describe('whose writer dies in the middle of an append', () => {
    /** The writer's thread, which ends at the second append that reaches it, before it is written. */
    function mortalWriter(): URL {
      const entry = join(folder, 'mortal.mjs');
      const real = built('libs/event-log/src/adapters/sqlite/writer-thread.js').href;
      writeFileSync(
        entry,
        `import { parentPort } from 'node:worker_threads';
         let appends = 0;
         parentPort.on('message', ({ port }) =>
           port?.on('message', ({ kind }) => kind === 'append' && ++appends === 2 && process.exit(1)));
         await import(${JSON.stringify(real)});`,
      );
      return new URL(`file://${entry}`);
    }

    it('does not know the outcome, and is unavailable from then on', async () => {
      const log = await openSqliteEventLog({ file, writerEntry: mortalWriter() });
      const page = pagesUntilCaughtUp(log, { after: POSITION_START, prefixes: [''] });
      await page;
      const idle = errorCode(endOf(log));
      const [first] = await write(log, 'a');
      const two = { stream: 'a', expected: 'any', events: [event()] } as const;
      const lost = await log.append({ common: {}, writes: [two, two] });

      expect(first).toMatchObject({ outcome: 'written' });
      expect(lost).toEqual([
        { outcome: 'unknown', error: expect.objectContaining({ code: 'LOG_OUTCOME_UNKNOWN' }) },
        { outcome: 'unknown', error: expect.objectContaining({ code: 'LOG_OUTCOME_UNKNOWN' }) },
      ]);
      expect(await errorCode(write(log, 'a'))).toBe('LOG_UNAVAILABLE');
      expect(await errorCode(log.deleteStream('a'))).toBe('LOG_UNAVAILABLE');
      expect(() => log.share()).toThrow(expect.objectContaining({ code: 'LOG_UNAVAILABLE' }));
      expect(await idle).toBe('LOG_UNAVAILABLE');
      expect(await log.lost).toMatchObject({ code: 'LOG_UNAVAILABLE' });
      expect((await log.readStream('a')).events).toHaveLength(1);
      await log.close();
    });
  });

  async function endOf(log: EventLog): Promise<void> {
    for await (const page of log.subscribe({ after: POSITION_START, prefixes: [''] })) expect(page).toBeDefined();
  }

  function withDatabase(change: (db: Database.Database) => void): void {
    const db = new Database(file);
    change(db);
    db.close();
  }
});

function contents(file: string): string {
  try {
    return readFileSync(file, 'hex');
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}

/** Permissions do not bind root: gives the folder to the user "nobody" and acts as that one for a moment. */
async function asOrdinaryUser<T>(folder: string, act: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return act();
  for (const path of [folder, ...readdirSync(folder).map((name) => join(folder, name))])
    chownSync(path, NOBODY, NOBODY);
  process.seteuid?.(NOBODY);
  try {
    return await act();
  } finally {
    process.seteuid?.(0);
  }
}

const NOBODY = 65_534;
