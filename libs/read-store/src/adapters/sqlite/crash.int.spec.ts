import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { afterEach, beforeEach, expect, it } from '@jest/globals';

import type { ProjectionLayout, ReadStore, StoredDocument } from '../../read-store.js';
import { openSqliteReadStore } from './index.js';

const ROOT = join(import.meta.dirname, '../../../../..');

const LAYOUT = {
  projection: 'crash',
  version: 1,
  collections: [
    {
      name: 'documents',
      key: 'hash',
      columns: { members: 'hashes', round: 'int' },
      indexes: [
        { name: 'by_member', columns: ['members'] },
        { name: 'by_round', columns: ['round'] },
      ],
    },
  ],
} as const satisfies ProjectionLayout;

const KEYS = Array.from({ length: 500 }, (_, i) => ((i * 7_919) % 65_536).toString(16).padStart(4, '0'));

/** Commits round after round, in each of them every document, and says so; never ends by itself. */
const WRITER = `
  import { writeSync } from 'node:fs';
  import { openSqliteReadStore } from '#read-store/sqlite';

  const { file, layout, keys } = JSON.parse(process.env.CRASH_TEST);
  const store = await openSqliteReadStore({ file, mode: 'write' });
  await store.deploy(layout);
  const { epoch, position } = await store.claim(layout);
  for (let round = position === '' ? 1 : parseInt(position, 16) + 1; ; round += 1) {
    const at = round.toString(16).padStart(8, '0');
    const columns = { members: [at], round };
    const writes = keys.map((key) => ({ collection: 'documents', key, action: 'put', columns, body: at.repeat(40) }));
    await store.commit(layout, { epoch, position: at, writes });
    writeSync(1, round + '\\n');
  }
`;

let folder: string;
let file: string;
const running = new Set<ReturnType<typeof startWriter>>();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tessera-read-store-'));
  file = join(folder, 'store.sqlite');
});
afterEach(async () => {
  for (const writer of running) await kill(writer);
  await rm(folder, { recursive: true });
});

function startWriter() {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', WRITER], {
    cwd: ROOT,
    env: { ...process.env, CRASH_TEST: JSON.stringify({ file, layout: LAYOUT, keys: KEYS }) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const writer = { child, ended: once(child, 'exit'), rounds: createInterface({ input: child.stdout }) };
  running.add(writer);
  return writer;
}

async function kill(writer: ReturnType<typeof startWriter>): Promise<void> {
  writer.child.kill('SIGKILL');
  await writer.ended;
  running.delete(writer);
}

async function lastRoundOf(writer: ReturnType<typeof startWriter>, rounds: number): Promise<number> {
  let seen = 0;
  for await (const line of writer.rounds) {
    seen += 1;
    if (seen === rounds) return Number(line);
  }
  throw new Error('the writer ended by itself');
}

function roundsOf(documents: readonly (StoredDocument | undefined)[]): unknown[] {
  return [...new Set(documents.map((document) => document?.columns['round']))];
}

/** All documents are of the round of the checkpoint, in every index. Answers that round. */
async function consistentRound(store: ReadStore): Promise<number> {
  const checkpoint = await store.checkpoint(LAYOUT);
  const position = checkpoint?.position ?? '';
  const round = parseInt(position, 16);
  const reader = store.reader(LAYOUT);
  const documents = await reader.get('documents', KEYS);
  expect(roundsOf(documents)).toEqual([round]);
  expect(new Set(documents.map((document) => document?.position))).toEqual(new Set([position]));
  expect(new Set(documents.map((document) => document?.body))).toEqual(new Set([position.repeat(40)]));
  const before = (round - 1).toString(16).padStart(8, '0');
  const [now, old] = await reader.findByMember('documents', 'by_member', [position, before]);
  expect([now?.length, old?.length]).toEqual([KEYS.length, 0]);
  expect(roundsOf(await reader.scan('documents', { index: 'by_round', limit: KEYS.length * 2 }))).toEqual([round]);
  expect(await reader.count('documents')).toBe(KEYS.length);
  return round;
}

it('a commit that a kill -9 cuts is there as a whole or not at all, with its checkpoint', async () => {
  for (const rounds of [1, 4, 9, 2, 15]) {
    const writer = startWriter();
    const acknowledged = await lastRoundOf(writer, rounds);
    await kill(writer);
    const store = await openSqliteReadStore({ file, mode: 'write' });
    const round = await consistentRound(store);
    // One more may have been done before it could be said.
    expect(round).toBeGreaterThanOrEqual(acknowledged);
    await store.close();
  }
});

it('a reader beside a writer in another process never sees a part of a commit', async () => {
  const writer = startWriter();
  await lastRoundOf(writer, 1);
  const store = await openSqliteReadStore({ file, mode: 'read' });
  const seen = new Set<unknown>();
  while (seen.size < 20) {
    const rounds = roundsOf(await store.reader(LAYOUT).get('documents', KEYS));
    expect(rounds).toHaveLength(1);
    const scanned = await store.reader(LAYOUT).scan('documents', { index: 'by_round', limit: KEYS.length * 2 });
    expect(scanned).toHaveLength(KEYS.length);
    expect(roundsOf(scanned)).toHaveLength(1);
    seen.add(rounds[0]);
  }
  await store.close();
});
