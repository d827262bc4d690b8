import { describe, expect, it } from '@jest/globals';

import {
  at,
  claim,
  deployAndClaim,
  expectRefusal,
  LAYOUT,
  NOTES,
  PEOPLE,
  put,
  type ClaimedVersion,
} from '../../../../../test/contract/read-store-fixture.js';
import { describeWithMongo } from '../../../../../test/support/mongodb/describe-with-mongo.js';
import {
  CHECKPOINTS,
  DOCUMENTS,
  onCommand,
  StoresForFaults,
} from '../../../../../test/support/mongodb/stores-for-faults.js';

describeWithMongo('the MongoDB read store', (url) => {
  const stores = new StoresForFaults(url);

  describe('with two writers', () => {
    /** The old one has looked at the epoch; then the request of this kind waits for what the new one does. */
    const overtake = async (collection: RegExp, newWriter: () => Promise<void>): Promise<void> => {
      const old = await deployAndClaim(stores.store);
      stores.proxy.intercept = onCommand('update', collection, async () => newWriter().then(() => 'pass'), 1);
      await expectRefusal(old.commit(at(9), put(NOTES, 'n', {}, 'old'), put(NOTES, 'other', {}, 'old')), 'FENCED');
    };

    it('the old one cannot move the checkpoint, and its documents are harmless', async () => {
      let next: ClaimedVersion | undefined;
      await overtake(CHECKPOINTS, async () => {
        next = await claim(stores.beside);
      });
      expect(await stores.checkpoint()).toBe('');
      await next?.commit(at(9), put(NOTES, 'n', {}, 'new'));
      await next?.commit(at(10), put(NOTES, 'n', {}, 'newer'));
      expect(await stores.note('n')).toBe('newer');
      expect(await stores.checkpoint()).toBe(at(10));
    });

    it('the old one leaves documents of the new one alone, even at a later position', async () => {
      await overtake(DOCUMENTS, async () => {
        const next = await claim(stores.beside);
        await next.commit(at(3), put(NOTES, 'n', {}, 'new'));
      });
      expect(await stores.note('n')).toBe('new');
      expect(await stores.checkpoint()).toBe(at(3));
    });

    it('the old one writes nothing into a version that was dropped and deployed again', async () => {
      let next: ClaimedVersion | undefined;
      await overtake(DOCUMENTS, async () => {
        await stores.beside.drop(LAYOUT);
        next = await deployAndClaim(stores.beside);
      });
      expect(await stores.beside.reader(LAYOUT).count('notes')).toBe(0);
      await next?.commit(at(2), put(NOTES, 'n', {}, 'new'));
      expect(await stores.note('n')).toBe('new');
    });

    it('what the old one left behind of a dropped version goes with the next drop', async () => {
      await overtake(DOCUMENTS, async () => {
        await stores.beside.drop(LAYOUT);
        await deployAndClaim(stores.beside);
      });
      await stores.beside.drop(LAYOUT);
      expect((await stores.collections()).filter((name) => DOCUMENTS.test(name))).toEqual([]);
    });

    it('one of many claims at the same time is the last, and the only one that may commit', async () => {
      await stores.store.deploy(LAYOUT);
      const claims = await Promise.all(
        Array.from({ length: 8 }, (_, i) => (i % 2 ? stores.store : stores.beside).claim(LAYOUT)),
      );
      const epochs = claims.map(({ epoch }) => epoch).sort((a, b) => a - b);
      expect(new Set(epochs).size).toBe(8);
      const last = epochs.pop() as number;
      for (const epoch of epochs) {
        await expectRefusal(stores.store.commit(LAYOUT, { epoch, position: at(1), writes: [] }), 'FENCED');
      }
      await stores.store.commit(LAYOUT, { epoch: last, position: at(1), writes: [] });
    });

    it('a lease goes to one of two stores, time after time', async () => {
      for (let epoch = 1; epoch <= 10; epoch += 1) {
        const seen = await stores.store.lease('projector');
        const taken = await Promise.all([
          stores.store.takeLease('projector', seen, 'one'),
          stores.beside.takeLease('projector', seen, 'two'),
        ]);
        const won = taken.filter((lease) => lease !== undefined);
        expect(won).toHaveLength(1);
        expect(won[0]?.epoch).toBe(epoch);
        expect(await stores.beside.lease('projector')).toEqual(won[0]);
      }
    });
  });

  describe('beside a process that drops versions', () => {
    it('says that a version is gone instead of finding nothing', async () => {
      const version = await deployAndClaim(stores.store);
      await version.commit(at(1), put(PEOPLE, 'a1', { members: ['0a'] }), put(NOTES, 'n'));
      await version.get(NOTES, 'n');
      await stores.beside.drop(LAYOUT);
      const { reader } = version;
      await expectRefusal(reader.get('notes', ['n']), 'STORE_UNAVAILABLE');
      await expectRefusal(reader.findByMember('people', 'by_member', ['0a']), 'STORE_UNAVAILABLE');
      await expectRefusal(reader.scan('notes', { limit: 5 }), 'STORE_UNAVAILABLE');
      await expectRefusal(reader.count('notes'), 'STORE_UNAVAILABLE');
      await expectRefusal(version.commit(at(2)), 'STORE_UNAVAILABLE');
    });

    it('reads the new one once it was deployed again', async () => {
      const version = await deployAndClaim(stores.store);
      await version.commit(at(1), put(NOTES, 'n', {}, 'old'));
      await version.get(NOTES, 'n');
      await stores.beside.drop(LAYOUT);
      const again = await deployAndClaim(stores.beside, { ...LAYOUT, collections: [NOTES] });
      await again.commit(at(1), put(NOTES, 'n', {}, 'new'));
      await expectRefusal(version.get(NOTES, 'n'), 'STORE_UNAVAILABLE');
      expect((await version.get(NOTES, 'n'))?.body).toBe('new');
    });

    it('finishes a drop or a deployment that another process began', async () => {
      await deployAndClaim(stores.store);
      stores.proxy.intercept = onCommand('drop', DOCUMENTS, () => 'cut', 1);
      await expectRefusal(stores.store.drop(LAYOUT), 'STORE_UNAVAILABLE');
      await expectRefusal(stores.beside.reader(LAYOUT).count('notes'), 'STORE_UNAVAILABLE');
      stores.proxy.intercept = onCommand('createIndexes', DOCUMENTS, () => 'cut', 1);
      await expectRefusal(stores.store.deploy(LAYOUT), 'STORE_UNAVAILABLE');
      await expectRefusal(stores.beside.reader(LAYOUT).count('notes'), 'STORE_UNAVAILABLE');
      const version = await deployAndClaim(stores.beside);
      await version.commit(at(1), put(NOTES, 'n'));
      expect(await stores.beside.reader(LAYOUT).count('notes')).toBe(1);
    });
  });
});
