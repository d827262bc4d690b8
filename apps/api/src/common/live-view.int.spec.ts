import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { isTesseraError } from '#core';
import type { ReadStore } from '#read-store';
import { openSqliteReadStore } from '#read-store/sqlite';

import { LiveView } from './live-view.js';

const COLLECTIONS = [{ name: 'things', key: 'text', columns: {}, indexes: [] }] as const;

describe('the live view', () => {
  let folder: string;
  let store: ReadStore;
  let view: LiveView;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tessera-view-'));
    store = await openSqliteReadStore({ file: join(folder, 'read.sqlite'), mode: 'write' });
    view = new LiveView(store);
  });
  afterEach(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });

  const codeOf = async (work: Promise<unknown>): Promise<string> => {
    const error: unknown = await work.catch((thrown: unknown) => thrown);
    return isTesseraError(error) ? error.code : `not refused: ${String(error)}`;
  };

  async function versionAt(version: number, position: string, text: string): Promise<void> {
    const target = { projection: 'profile', version };
    await store.deploy({ ...target, collections: COLLECTIONS });
    const { epoch } = await store.claim(target);
    const write = { collection: 'things', key: 'a', action: 'put', columns: {}, body: JSON.stringify(text) } as const;
    await store.commit(target, { epoch, position, writes: [write] });
  }
  const read = async (token?: string): Promise<string | undefined> =>
    (await (await view.readerAt('profile', token)).get('things', ['a']))[0]?.body;

  it('is not there before the projection is', async () => {
    expect(await codeOf(view.reader('profile'))).toBe('NOT_READY');
  });

  it('is the active version, at once after a switch', async () => {
    await versionAt(1, '000001', 'old');
    await versionAt(2, '000001', 'new');
    await store.setRegistry('profile', undefined, { active: 1, building: 2, retired: [] });
    expect(await read()).toBe('"old"');
    await store.setRegistry('profile', { active: 1, building: 2, retired: [] }, { active: 2, retired: [1] });
    expect(await read()).toBe('"new"');
  });

  it('waits until it has reached the token', async () => {
    await store.setRegistry('profile', undefined, { active: 1, retired: [] });
    await versionAt(1, '000001', 'old');
    const waiting = read('000002');
    await versionAt(1, '000002', 'new');
    expect(await waiting).toBe('"new"');
    expect(await read('000001')).toBe('"new"');
  });

  it('goes on waiting at the version that is switched to', async () => {
    await store.setRegistry('profile', undefined, { active: 1, retired: [] });
    await versionAt(1, '000001', 'old');
    const waiting = read('000002');
    await versionAt(2, '000002', 'new');
    await store.setRegistry('profile', { active: 1, retired: [] }, { active: 2, retired: [1] });
    expect(await waiting).toBe('"new"');
  });

  it('gives up after a while', async () => {
    await store.setRegistry('profile', undefined, { active: 1, retired: [] });
    await versionAt(1, '000001', 'old');
    expect(await codeOf(read('000002'))).toBe('NOT_YET_VISIBLE');
  });

  it('stops waiting when nobody wants to know any more', async () => {
    await store.setRegistry('profile', undefined, { active: 1, retired: [] });
    await versionAt(1, '000001', 'old');
    const abort = new AbortController();
    const started = performance.now();
    const waiting = view.passed('profile', '000002', abort.signal);
    abort.abort(new Error('stopping'));
    await expect(waiting).rejects.toThrow('stopping');
    // Far from the 5 s that a reader waits.
    expect(performance.now() - started).toBeLessThan(2_500);
  });

  it('asks the store once for all who wait at the same time', async () => {
    await store.setRegistry('profile', undefined, { active: 1, retired: [] });
    await versionAt(1, '000001', 'old');
    let looks = 0;
    const counting = new Proxy(store, {
      get(target, name: keyof ReadStore) {
        if (name === 'checkpoint') looks += 1;
        return (target[name] as () => unknown).bind(target);
      },
    });
    const shared = new LiveView(counting);
    await Promise.all(Array.from({ length: 100 }, () => shared.readerAt('profile', '000001')));
    // The first, and one for all who asked meanwhile.
    expect(looks).toBe(2);
  });

  it('refuses the token of another log', async () => {
    await store.setRegistry('profile', undefined, { active: 1, retired: [] });
    await versionAt(1, '000001', 'old');
    expect(await codeOf(read('01'))).toBe('INVALID_REQUEST');
  });

  it('knows whether all of a commit is there by the checkpoint, which is written last', async () => {
    await versionAt(1, '000002', 'old');
    await store.setRegistry('profile', undefined, { active: 1, retired: [] });
    const version = await view.openAt('profile', undefined);
    const isWhole = (position: string) => version.isWhole(position);
    expect([await isWhole('000001'), await isWhole('000002'), await isWhole('000003')]).toEqual([true, true, false]);
    await versionAt(1, '000003', 'new');
    expect(await isWhole('000003')).toBe(true);
  });
});
