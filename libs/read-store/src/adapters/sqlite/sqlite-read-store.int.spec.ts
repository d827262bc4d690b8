import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Database from 'better-sqlite3';

import type { ProjectionLayout, ReadStore } from '../../read-store.js';
import {
  at,
  claim,
  deployAndClaim,
  expectMistake,
  expectRefusal,
  keysOf,
  LAYOUT,
  NOTES,
  PEOPLE,
  put,
} from '../../../../../test/contract/read-store-fixture.js';
import { openSqliteReadStore } from './index.js';

describe('the SQLite read store', () => {
  let folder: string;
  let file: string;
  let open: ReadStore[];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tessera-read-store-'));
    file = join(folder, 'store.sqlite');
    open = [];
  });
  afterEach(async () => {
    for (const store of open) await store.close();
    await chmod(folder, 0o700);
    await rm(folder, { recursive: true });
  });

  const openStore = async (mode: 'write' | 'read', maxPages?: number): Promise<ReadStore> => {
    const store = await openSqliteReadStore({ file, mode, ...(maxPages !== undefined && { maxPages }) });
    open.push(store);
    return store;
  };

  describe('on a disk that is full', () => {
    const kilobytes = (n: number): string => 'x'.repeat(n * 1_024);

    it('refuses a commit as a whole and keeps what it had', async () => {
      const store = await openStore('write', 100);
      const version = await deployAndClaim(store);
      await version.commit(at(1), put(PEOPLE, 'a1', { members: ['0a'], kind: 'crm' }, kilobytes(100)));
      const tooMuch = [put(PEOPLE, 'b2', { members: ['0b'], kind: 'web' }), put(NOTES, 'n', {}, kilobytes(500))];
      await expectRefusal(version.commit(at(2), ...tooMuch), 'STORE_FULL');
      expect((await store.checkpoint(LAYOUT))?.position).toBe(at(1));
      expect(keysOf(await version.reader.scan('people', { limit: 5 }))).toEqual(['a1']);
      // A number that the refused commit had given to a text must not be remembered.
      await version.commit(at(2), put(PEOPLE, 'c3', { members: ['0c'], kind: 'shop' }));
      await version.commit(at(3), put(PEOPLE, 'b2', { members: ['0b'], kind: 'web' }));
      expect(keysOf(await version.reader.scan('people', { where: { kind: 'web' }, limit: 5 }))).toEqual(['b2']);
      expect((await version.get(PEOPLE, 'c3'))?.columns['kind']).toBe('shop');
    });

    it('goes on once there is room', async () => {
      const small = await openStore('write', 100);
      const before = await deployAndClaim(small);
      const big = put(NOTES, 'n', {}, kilobytes(500));
      await expectRefusal(before.commit(at(1), big), 'STORE_FULL');
      await small.close();
      const after = await claim(await openStore('write'));
      await after.commit(at(1), big);
      expect((await after.get(NOTES, 'n'))?.body).toBe(big.body);
    });

    it('refuses to be made', async () => {
      await expectRefusal(openStore('write', 2), 'STORE_FULL');
      await expectRefusal(deployAndClaim(await openStore('write', 12)), 'STORE_FULL');
    });
  });

  describe('opened for reading', () => {
    it('waits with an error that says so until the writer has made the file and deployed the version', async () => {
      const reading = await openStore('read');
      await expectRefusal(reading.checkpoint(LAYOUT), 'STORE_UNAVAILABLE');
      await expectRefusal(reading.reader(LAYOUT).count('notes'), 'STORE_UNAVAILABLE');
      const writing = await openStore('write');
      expect(await reading.checkpoint(LAYOUT)).toBeUndefined();
      await expectRefusal(reading.reader(LAYOUT).count('notes'), 'STORE_UNAVAILABLE');
      await deployAndClaim(writing);
      expect(await reading.reader(LAYOUT).count('notes')).toBe(0);
    });

    it('sees every commit as soon as it is done, and what is dropped no more', async () => {
      const reading = await openStore('read');
      const writing = await openStore('write');
      const version = await deployAndClaim(writing);
      const reader = reading.reader(LAYOUT);
      for (const n of [1, 2, 3]) {
        await version.commit(at(n), put(PEOPLE, 'a1', { members: [`0${n}`], kind: `kind ${n}` }, String(n)));
        expect((await reading.checkpoint(LAYOUT))?.position).toBe(at(n));
        const [[found] = []] = await reader.findByMember('people', 'by_member', [`0${n}`]);
        expect(found).toMatchObject({ columns: { kind: `kind ${n}` }, body: String(n) });
      }
      await writing.drop(LAYOUT);
      await expectRefusal(reader.get('people', ['a1']), 'STORE_UNAVAILABLE');
      await deployAndClaim(writing, { ...LAYOUT, collections: [NOTES] });
      expect(await reader.count('notes')).toBe(0);
      await expectMistake(reader.count('people'));
    });

    it('writes nothing', async () => {
      const writing = await openStore('write');
      const { epoch } = await deployAndClaim(writing).then(() => writing.claim(LAYOUT));
      const reading = await openStore('read');
      await expectMistake(reading.deploy(LAYOUT));
      await expectMistake(reading.drop(LAYOUT));
      await expectMistake(reading.claim(LAYOUT));
      await expectMistake(reading.commit(LAYOUT, { epoch, position: at(1), writes: [] }));
      await expectMistake(reading.setRegistry('contract', undefined, { active: 1, retired: [] }));
      await expectMistake(reading.sweep(LAYOUT));
    });
  });

  describe('in a place that cannot be used', () => {
    it('refuses a folder that is not there', async () => {
      file = join(folder, 'nowhere', 'store.sqlite');
      await expectRefusal(openStore('write'), 'STORE_UNAVAILABLE');
    });

    it('refuses a folder that is read-only', async () => {
      await chmod(folder, 0o555);
      await withoutPrivileges(() => expectRefusal(openStore('write'), 'STORE_UNAVAILABLE'));
    });

    it('refuses a file that is something else', async () => {
      await writeFile(file, 'a letter to a friend, longer than the header of a database: '.repeat(40));
      await expectRefusal(openStore('write'), 'STORE_UNAVAILABLE');
      await expectRefusal((await openStore('read')).checkpoint(LAYOUT), 'STORE_UNAVAILABLE');
    });

    it('refuses a file of another format', async () => {
      const database = new Database(file);
      database.pragma('user_version = 99');
      database.close();
      await expectRefusal(openStore('write'), 'STORE_UNAVAILABLE');
    });
  });

  it('has nothing of a fenced commit', async () => {
    const store = await openStore('write');
    const old = await deployAndClaim(store);
    await claim(store);
    await expectRefusal(old.commit(at(1), put(NOTES, 'n')), 'FENCED');
    expect(await old.reader.count('notes')).toBe(0);
  });

  it('gives the room of dropped versions back, so that rebuilds do not make it grow', async () => {
    const store = await openStore('write');
    const bodies = Array.from({ length: 2_000 }, (_, i) =>
      put(NOTES, String(i), { topic: String(i) }, 'x'.repeat(500)),
    );
    const sizes: number[] = [];
    for (let n = 1; n <= 4; n += 1) {
      const layout: ProjectionLayout = { ...LAYOUT, version: n };
      const version = await deployAndClaim(store, layout);
      await version.commit(at(1), ...bodies);
      await store.drop({ ...layout, version: n - 1 });
      sizes.push((await store.sizeOnDisk()) ?? 0);
    }
    expect(sizes[3]).toBeLessThan((sizes[1] as number) * 1.1);
    await store.drop({ ...LAYOUT, version: 4 });
    expect(await store.sizeOnDisk()).toBeLessThan((sizes[0] as number) / 10);
  });

  describe('while it drops a version', () => {
    it('does not show it any more, and leaves it alone when it is deployed again', async () => {
      const store = await openStore('write');
      const old = await deployAndClaim(store);
      await old.commit(at(1), put(PEOPLE, 'a1', { members: ['0a'] }));
      const dropped = store.drop(LAYOUT);
      for (const { name } of LAYOUT.collections) {
        await expectRefusal(old.reader.count(name), 'STORE_UNAVAILABLE');
      }
      const again = await deployAndClaim(store);
      await again.commit(at(1), put(PEOPLE, 'b2', { members: ['0a'] }), put(NOTES, 'n'));
      await dropped;
      const reader = (await openStore('read')).reader(LAYOUT);
      const [found = []] = await reader.findByMember('people', 'by_member', ['0a']);
      expect(keysOf(found)).toEqual(['b2']);
      expect(await reader.count('notes')).toBe(1);
    });

    it('may end: the version is gone, and its rest goes with the next deployment', async () => {
      const store = await openStore('write');
      const old = await deployAndClaim(store);
      await old.commit(at(1), put(PEOPLE, 'a1', { members: ['0a'] }));
      const dropped = store.drop(LAYOUT);
      await store.close();
      await expectRefusal(dropped, 'STORE_UNAVAILABLE');
      const next = await openStore('write');
      await expectRefusal(next.reader(LAYOUT).count('people'), 'STORE_UNAVAILABLE');
      const again = await deployAndClaim(next, { ...LAYOUT, collections: [PEOPLE] });
      expect(await again.reader.count('people')).toBe(0);
      expect(await again.reader.findByMember('people', 'by_member', ['0a'])).toEqual([[]]);
    });
  });

  it('keeps texts that repeat and texts that do not apart from one another', async () => {
    const version = await deployAndClaim(await openStore('write'));
    const kinds = Array.from({ length: 5_000 }, (_, i) => `kind ${i}`);
    const keyOf = (i: number): string => i.toString(16).padStart(4, '0');
    await version.commit(at(1), ...kinds.map((kind, i) => put(PEOPLE, keyOf(i), { kind })));
    await version.commit(at(2), put(PEOPLE, 'fffe', { kind: 'kind 7' }), put(PEOPLE, 'ffff', { kind: 'kind 4999' }));
    const reader = (await openStore('read')).reader(LAYOUT);
    for (const [i, twin] of [
      [7, 'fffe'],
      [4_999, 'ffff'],
    ] as const) {
      const found = await reader.scan('people', { where: { kind: `kind ${i}` }, limit: 5 });
      expect(keysOf(found)).toEqual([keyOf(i), twin]);
    }
    const all = await reader.get(
      'people',
      kinds.map((_, i) => keyOf(i)),
    );
    expect(all.map((document) => document?.columns['kind'])).toEqual(kinds);
    const database = new Database(file, { readonly: true });
    expect(database.prepare('SELECT count(*) FROM texts').pluck().get()).toBe(4_096);
    database.close();
  });
});

/** Nobody stops root from writing; as another user the permissions count. */
async function withoutPrivileges(work: () => Promise<void>): Promise<void> {
  const NOBODY = 65_534;
  const root = process.geteuid?.() === 0;
  if (root) process.seteuid?.(NOBODY);
  try {
    await work();
  } finally {
    if (root) process.seteuid?.(0);
  }
}
