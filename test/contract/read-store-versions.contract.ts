import { randomBytes } from 'node:crypto';

import { beforeEach, describe, expect, it } from '@jest/globals';

import { POSITION_START } from '#core';
import type { ProjectionLayout, ReadStore, RegistryEntry } from '#read-store';

import {
  at,
  deployAndClaim,
  expectMistake,
  expectRefusal,
  keysOf,
  LAYOUT,
  NOTES,
  PEOPLE,
  put,
  remove,
  type ContractContext,
} from './read-store-fixture.js';

const SECOND: ProjectionLayout = { ...LAYOUT, version: 2 };
const OTHER: ProjectionLayout = { projection: 'other', version: 1, collections: [NOTES] };

export function versionsContract(context: ContractContext): void {
  let store: ReadStore;

  beforeEach(() => {
    store = context.store();
  });

  describe('a version', () => {
    it('can be deployed again and keeps what it holds', async () => {
      const version = await deployAndClaim(store);
      await version.commit(at(1), put(PEOPLE, 'a1', { members: ['0a'] }));
      await store.deploy(LAYOUT);
      await store.deploy({ ...LAYOUT, collections: [...LAYOUT.collections].reverse() });
      expect(await version.get(PEOPLE, 'a1')).toBeDefined();
      expect(await store.checkpoint(LAYOUT)).toEqual({ position: at(1), epoch: expect.any(Number) });
    });

    it.each<[string, ProjectionLayout]>([
      ['a column more', { ...OTHER, collections: [{ ...NOTES, columns: { ...NOTES.columns, rank: 'int' } }] }],
      ['a column of another type', { ...OTHER, collections: [{ ...NOTES, columns: { topic: 'hash' } }] }],
      ['an index less', { ...OTHER, collections: [{ ...NOTES, indexes: [] }] }],
      ['a collection more', { ...OTHER, collections: [NOTES, PEOPLE] }],
    ])('is refused with %s under the same number', async (_name, changed) => {
      const version = await deployAndClaim(store, OTHER);
      await version.commit(at(1), put(NOTES, 'n'));
      await expectRefusal(store.deploy(changed), 'LAYOUT_DIFFERS');
      expect(await version.get(NOTES, 'n')).toBeDefined();
    });

    it.each<[string, ProjectionLayout]>([
      ['a name with other characters', { ...OTHER, collections: [{ ...NOTES, name: 'No-tes' }] }],
      ['an index on no column', { ...OTHER, collections: [{ ...NOTES, indexes: [{ name: 'i', columns: [] }] }] }],
      [
        'an index on an unknown column',
        { ...OTHER, collections: [{ ...NOTES, indexes: [{ name: 'i', columns: ['x'] }] }] },
      ],
      [
        'members beside another column',
        { ...OTHER, collections: [{ ...PEOPLE, indexes: [{ name: 'i', columns: ['team', 'members'] }] }] },
      ],
    ])('with %s is a mistake', async (_name, layout) => {
      await expectMistake(store.deploy(layout));
    });

    it('stands beside another one', async () => {
      const [first, second] = [await deployAndClaim(store), await deployAndClaim(store, SECOND)];
      await first.commit(at(5), put(PEOPLE, 'a1', { members: ['0a'] }, 'first'));
      await second.commit(at(3), put(PEOPLE, 'a1', { members: ['0b'] }, 'second'));
      expect((await first.get(PEOPLE, 'a1'))?.body).toBe('first');
      expect((await second.get(PEOPLE, 'a1'))?.body).toBe('second');
      expect(await second.reader.findByMember('people', 'by_member', ['0a'])).toEqual([[]]);
      expect((await store.checkpoint(LAYOUT))?.position).toBe(at(5));
      expect((await store.checkpoint(SECOND))?.position).toBe(at(3));
    });

    it('stands beside another projection with a collection of the same name', async () => {
      const [one, other] = [await deployAndClaim(store), await deployAndClaim(store, OTHER)];
      await one.commit(at(1), put(NOTES, 'n', {}, 'one'));
      await other.commit(at(2), remove(NOTES, 'n'));
      expect((await one.get(NOTES, 'n'))?.body).toBe('one');
      expect(await other.get(NOTES, 'n')).toBeUndefined();
    });

    it('that is not deployed can be neither claimed, nor written, nor read', async () => {
      await expectRefusal(store.claim(LAYOUT), 'STORE_UNAVAILABLE');
      await expectRefusal(store.commit(LAYOUT, { epoch: 1, position: at(1), writes: [] }), 'STORE_UNAVAILABLE');
      await expectRefusal(store.sweep(LAYOUT), 'STORE_UNAVAILABLE');
      const reader = store.reader(LAYOUT);
      await expectRefusal(reader.get('people', ['a1']), 'STORE_UNAVAILABLE');
      await expectRefusal(reader.scan('people', { limit: 1 }), 'STORE_UNAVAILABLE');
      await expectRefusal(reader.findByMember('people', 'by_member', ['0a']), 'STORE_UNAVAILABLE');
      await expectRefusal(reader.count('people'), 'STORE_UNAVAILABLE');
      expect(await store.checkpoint(LAYOUT)).toBeUndefined();
      await store.deploy(LAYOUT);
      expect(await reader.count('people')).toBe(0);
    });
  });

  describe('a dropped version', () => {
    it('is gone, and what stands beside it is not', async () => {
      const [first, second] = [await deployAndClaim(store), await deployAndClaim(store, SECOND)];
      await first.commit(at(1), put(PEOPLE, 'a1', { members: ['0a'] }));
      await second.commit(at(1), put(PEOPLE, 'a1', { members: ['0a'] }));
      await store.drop(LAYOUT);
      await store.drop(LAYOUT);
      await expectRefusal(first.reader.get('people', ['a1']), 'STORE_UNAVAILABLE');
      await expectRefusal(first.commit(at(2)), 'STORE_UNAVAILABLE');
      expect(await store.checkpoint(LAYOUT)).toBeUndefined();
      expect(await second.get(PEOPLE, 'a1')).toBeDefined();
    });

    it('that was never there is no mistake', async () => {
      await store.drop({ projection: 'nothing', version: 7 });
    });

    it('can be deployed again, empty and with another layout', async () => {
      const first = await deployAndClaim(store);
      await first.commit(at(5), put(PEOPLE, 'a1', { members: ['0a'] }), put(NOTES, 'n'));
      await store.drop(LAYOUT);
      const again = await deployAndClaim(store, { ...LAYOUT, collections: [{ ...NOTES, columns: { topic: 'int' } }] });
      expect(await store.checkpoint(LAYOUT)).toEqual({ position: POSITION_START, epoch: expect.any(Number) });
      await again.commit(at(1), put(NOTES, 'n', { topic: 5 }));
      expect(await again.get(NOTES, 'n')).toMatchObject({ position: at(1), columns: { topic: 5 } });
    });

    it('stays closed to its old writer when it is deployed again', async () => {
      const first = await deployAndClaim(store);
      await store.drop(LAYOUT);
      await deployAndClaim(store);
      await expectRefusal(first.commit(at(1), put(NOTES, 'n')), 'FENCED');
    });
  });

  describe('the registry', () => {
    const entry: RegistryEntry = { active: 1, building: 2, retired: [0] };

    it('has nothing for a projection that was never set', async () => {
      expect(await store.registry('contract')).toBeUndefined();
    });

    it('changes only from the entry that was expected', async () => {
      expect(await store.setRegistry('contract', entry, { active: 2, retired: [] })).toBe(false);
      expect(await store.registry('contract')).toBeUndefined();
      expect(await store.setRegistry('contract', undefined, entry)).toBe(true);
      expect(await store.registry('contract')).toEqual(entry);
      for (const wrong of [
        undefined,
        { active: 1, retired: [0] },
        { ...entry, retired: [] },
        { ...entry, building: 3 },
      ]) {
        expect(await store.setRegistry('contract', wrong, { active: 9, retired: [] })).toBe(false);
      }
      expect(await store.setRegistry('contract', entry, { active: 2, retired: [1] })).toBe(true);
      expect(await store.registry('contract')).toEqual({ active: 2, retired: [1] });
      expect(await store.registry('other')).toBeUndefined();
    });

    it('lets one of many at a time win', async () => {
      const first = await Promise.all(
        Array.from({ length: 8 }, (_, i) => store.setRegistry('contract', undefined, { active: i, retired: [] })),
      );
      expect(first.filter(Boolean)).toHaveLength(1);

      const before = (await store.registry('contract'))?.active ?? 0;
      const raise = async (): Promise<void> => {
        for (;;) {
          const current = await store.registry('contract');
          const next = { active: (current?.active ?? 0) + 1, retired: [] };
          if (await store.setRegistry('contract', current, next)) return;
        }
      };
      await Promise.all(Array.from({ length: 16 }, raise));
      expect((await store.registry('contract'))?.active).toBe(before + 16);
    });
  });

  describe('a store that was closed', () => {
    it('has everything when it is opened again, and knows the layouts by itself', async () => {
      const before = await deployAndClaim(store);
      await before.commit(at(2), put(PEOPLE, 'a1', { members: ['0a'], kind: 'crm' }, 'person'), remove(NOTES, 'n'));
      const checkpoint = await store.checkpoint(LAYOUT);
      await store.setRegistry('contract', undefined, { active: 1, retired: [] });

      const again = await context.reopen();
      const reader = again.reader(LAYOUT);
      const [found] = await reader.findByMember('people', 'by_member', ['0a']);
      expect(found).toMatchObject([{ key: 'a1', position: at(2), body: 'person' }]);
      expect(keysOf(await reader.scan('people', { where: { kind: 'crm' }, limit: 5 }))).toEqual(['a1']);
      expect(await again.checkpoint(LAYOUT)).toEqual(checkpoint);
      expect(await again.registry('contract')).toEqual({ active: 1, retired: [] });

      const after = await deployAndClaim(again);
      await after.commit(at(1), put(NOTES, 'n', {}, 'late'));
      expect(await after.get(NOTES, 'n')).toBeUndefined();
      await expectRefusal(
        again.commit(LAYOUT, { epoch: checkpoint?.epoch ?? 0, position: at(3), writes: [] }),
        'FENCED',
      );
    });

    it('refuses everything, and can be closed again', async () => {
      const { reader } = await deployAndClaim(store);
      await store.close();
      await store.close();
      await expectRefusal(store.deploy(LAYOUT), 'STORE_UNAVAILABLE');
      await expectRefusal(store.claim(LAYOUT), 'STORE_UNAVAILABLE');
      await expectRefusal(store.commit(LAYOUT, { epoch: 1, position: at(1), writes: [] }), 'STORE_UNAVAILABLE');
      await expectRefusal(store.checkpoint(LAYOUT), 'STORE_UNAVAILABLE');
      await expectRefusal(store.registry('contract'), 'STORE_UNAVAILABLE');
      await expectRefusal(store.setRegistry('contract', undefined, { active: 1, retired: [] }), 'STORE_UNAVAILABLE');
      await expectRefusal(store.drop(LAYOUT), 'STORE_UNAVAILABLE');
      await expectRefusal(store.sweep(LAYOUT), 'STORE_UNAVAILABLE');
      await expectRefusal(reader.get('people', ['a1']), 'STORE_UNAVAILABLE');
      await expectRefusal(reader.scan('people', { limit: 1 }), 'STORE_UNAVAILABLE');
    });

    it('tells what it takes on disk while it is open, where the engine can', async () => {
      const version = await deployAndClaim(store);
      await context.flush();
      const before = await store.sizeOnDisk();
      // Random: an engine may compress what it keeps.
      const body = randomBytes(750_000).toString('base64');
      await version.commit(at(1), put(NOTES, 'n', {}, body));
      await context.flush();
      const after = await store.sizeOnDisk();
      if (before === undefined) expect(after).toBeUndefined();
      else expect(after).toBeGreaterThanOrEqual(before + 1_000_000);
    });
  });
}
