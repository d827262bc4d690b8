import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Database from 'better-sqlite3';

import { eventIds } from '../../event-ids.js';
import { GroupCommit, type SettledRequest } from './group-commit.js';
import { openForWriting, type Connection } from './log-file.js';
import { LogTables } from './log-tables.js';
import type { WriterRequest } from './messages.js';
import { packAppend } from './packed-append.js';

type Settled = readonly SettledRequest<string>[];

function append(ticket: number, stream: string, bytes = 10): WriterRequest {
  const [id = ''] = eventIds(1);
  const events = [{ id, type: 'Tested', data: JSON.stringify('x'.repeat(bytes)) }];
  return { kind: 'append', ticket, append: packAppend({ common: {}, writes: [{ stream, expected: 'any', events }] }) };
}

const written = (ticket: number, revision: number, position: number): SettledRequest<string> => ({
  client: 'c',
  ticket,
  result: { kind: 'appended', append: { revisions: [revision], positions: [position] } },
});

describe('a group commit', () => {
  let folder: string;
  let file: string;
  let db: Connection;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tessera-group-commit-'));
    file = join(folder, 'log.sqlite');
    db = openForWriting({ file });
  });
  afterEach(() => {
    db.close();
    rmSync(folder, { recursive: true });
  });

  /** Adds the requests in one turn, and resolves with each group that was settled. */
  async function settle(
    commits: (onSettled: (settled: Settled) => void) => GroupCommit<string>,
    ...given: WriterRequest[]
  ) {
    const groups: Settled[] = [];
    await new Promise<void>((resolve) => {
      let left = given.length;
      const group = commits((settled) => {
        groups.push(settled);
        left -= settled.length;
        if (left === 0) resolve();
      });
      for (const request of given) group.add({ client: 'c', request });
    });
    return groups;
  }

  const on = (connection: Connection) => (onSettled: (settled: Settled) => void) =>
    new GroupCommit<string>(connection, new LogTables(connection), onSettled);

  it('settles all requests of a turn together, in their order', async () => {
    const groups = await settle(on(db), append(1, 'a'), append(2, 'b'), append(3, 'a'));

    expect(groups).toEqual([[written(1, 0, 1), written(2, 0, 2), written(3, 1, 3)]]);
  });

  it('writes the others when one finds no room', async () => {
    db.pragma('max_page_count = 20');
    const [settled] = await settle(on(db), append(1, 'a'), append(2, 'a', 500_000), append(3, 'a'));

    expect(settled).toEqual([
      written(1, 0, 1),
      { client: 'c', ticket: 2, result: { kind: 'failed', code: 'LOG_FULL', message: expect.any(String) } },
      written(3, 1, 2),
    ]);
  });

  it('writes nothing while another process keeps the lock, and goes on afterwards', async () => {
    db.pragma('busy_timeout = 1');
    const other = new Database(file);
    other.exec('BEGIN IMMEDIATE');
    const locked = await settle(on(db), append(1, 'a'), append(2, 'a'));
    other.exec('ROLLBACK');
    other.close();
    const unlocked = await settle(on(db), append(3, 'a'));

    expect(locked[0]).toMatchObject([1, 2].map((ticket) => ({ ticket, result: { code: 'LOG_UNAVAILABLE' } })));
    expect(unlocked).toEqual([[written(3, 0, 1)]]);
  });

  it('does not go on from what it remembers when another has written', async () => {
    const other = openForWriting({ file });
    const settled: Settled[] = [];
    const ours = on(db)((it) => settled.push(it));
    const theirs = on(other)((it) => settled.push(it));
    for (const [index, commits] of [ours, theirs, ours, theirs].entries()) {
      commits.add({ client: 'c', request: append(index, 'a') });
      commits.drain();
    }
    other.close();

    expect(settled).toEqual([[written(0, 0, 1)], [written(1, 1, 2)], [written(2, 2, 3)], [written(3, 3, 4)]]);
  });

  it('does not know the outcome when the disk fails at the commit, and does not repeat it', async () => {
    const commits = on(failingAtCommit(db));
    const [settled] = await settle(commits, append(1, 'a'), append(2, 'b'));
    const [next] = await settle(on(db), append(3, 'a'));

    expect(settled).toMatchObject([1, 2].map((ticket) => ({ ticket, result: { code: 'LOG_OUTCOME_UNKNOWN' } })));
    expect(next).toEqual([written(3, 0, 1)]);
  });

  it('is not disturbed by a request that makes no sense', async () => {
    const senseless = { kind: 'append', ticket: 2 } as unknown as WriterRequest;
    const [settled] = await settle(on(db), append(1, 'a'), senseless, append(3, 'a'));

    expect(settled?.map(({ result }) => result.kind)).toEqual(['appended', 'failed', 'appended']);
    expect(settled?.[1]?.result).toMatchObject({ code: 'INTERNAL' });
  });
});

/** The connection, on a disk that fails to flush once. */
function failingAtCommit(db: Connection): Connection {
  const commit = db.prepare('COMMIT');
  const run = commit.run.bind(commit);
  let failures = 0;
  commit.run = () => {
    if (failures++ > 0) return run();
    throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_FSYNC' });
  };
  return new Proxy(db, {
    get: (target, name) => {
      if (name === 'prepare') return (sql: string) => (sql === 'COMMIT' ? commit : target.prepare(sql));
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
