import { beforeEach, describe, expect, it } from '@jest/globals';

import type { Lease, ReadStore } from '#read-store';

import { claim, expectRefusal, LAYOUT, NOTES, put, at, type ContractContext } from './read-store-fixture.js';

export function leasesContract(context: ContractContext): void {
  let store: ReadStore;

  beforeEach(() => {
    store = context.store();
  });

  const taken = async (holder: string): Promise<Lease> => {
    const lease = await store.takeLease('projector', await store.lease('projector'), holder);
    if (lease === undefined) throw new Error('somebody else was first');
    return lease;
  };

  describe('a lease', () => {
    it('is not there until somebody takes it', async () => {
      expect(await store.lease('projector')).toBeUndefined();
      expect(await taken('one')).toEqual({ holder: 'one', epoch: 1, beat: 0 });
      expect(await store.lease('projector')).toEqual({ holder: 'one', epoch: 1, beat: 0 });
      expect(await store.lease('another')).toBeUndefined();
    });

    it('goes to one of those who take it at the same time', async () => {
      const takers = Array.from({ length: 8 }, (_, number) =>
        store.takeLease('projector', undefined, `taker ${number}`),
      );
      const won = (await Promise.all(takers)).filter((lease) => lease !== undefined);
      expect(won).toHaveLength(1);
      expect(await store.lease('projector')).toEqual(won[0]);
    });

    it('is kept by raising its beat', async () => {
      const held = await taken('one');
      const renewed = await store.renewLease('projector', held);
      expect(renewed).toEqual({ holder: 'one', epoch: 1, beat: 1 });
      expect(await store.lease('projector')).toEqual(renewed);
      expect(await store.renewLease('projector', held)).toBeUndefined();
    });

    it('cannot be taken by whom has seen an earlier beat', async () => {
      const held = await taken('one');
      const renewed = await store.renewLease('projector', held);
      expect(await store.takeLease('projector', held, 'two')).toBeUndefined();
      expect(await store.takeLease('projector', undefined, 'two')).toBeUndefined();
      expect(await store.lease('projector')).toEqual(renewed);
    });

    it('raises its epoch when it is taken over, and the one before can neither renew nor release it', async () => {
      const first = await taken('one');
      const second = await taken('two');
      expect(second).toEqual({ holder: 'two', epoch: 2, beat: 0 });
      expect(await store.renewLease('projector', first)).toBeUndefined();
      await store.releaseLease('projector', first);
      expect(await store.lease('projector')).toEqual(second);
    });

    it('is free once it is given back, and its epoch goes on', async () => {
      const held = await taken('one');
      await store.renewLease('projector', held);
      await store.releaseLease('projector', held);
      expect(await store.lease('projector')).toMatchObject({ holder: '', epoch: 1 });
      expect(await taken('one')).toMatchObject({ holder: 'one', epoch: 2, beat: 0 });
    });

    it('cannot be renewed after it was given back', async () => {
      const held = await taken('one');
      await store.releaseLease('projector', held);
      expect(await store.renewLease('projector', held)).toBeUndefined();
    });

    it('is still there when the store is opened again', async () => {
      const held = await taken('one');
      const again = await context.reopen();
      expect(await again.lease('projector')).toEqual(held);
      expect(await again.renewLease('projector', held)).toEqual({ ...held, beat: 1 });
    });
  });

  describe('a claim under a lease', () => {
    it('is refused to the holder of an earlier one, whose claims cannot fence the later', async () => {
      await store.deploy(LAYOUT);
      const { epoch } = await store.claim(LAYOUT, 7);
      await expectRefusal(store.claim(LAYOUT, 6), 'FENCED');
      await expectRefusal(store.claim(LAYOUT), 'FENCED');
      await store.commit(LAYOUT, { epoch, position: at(1), writes: [put(NOTES, 'n')] });
    });

    it('may be repeated under the same lease, and fences the claim before', async () => {
      await store.deploy(LAYOUT);
      const first = await store.claim(LAYOUT, 7);
      const second = await store.claim(LAYOUT, 7);
      expect(second.epoch).toBeGreaterThan(first.epoch);
      await expectRefusal(store.commit(LAYOUT, { epoch: first.epoch, position: at(1), writes: [] }), 'FENCED');
    });

    it('stays refused to an earlier one after the version was dropped and deployed again', async () => {
      await store.deploy(LAYOUT);
      await store.claim(LAYOUT, 7);
      await store.drop(LAYOUT);
      await store.deploy(LAYOUT);
      await expectRefusal(store.claim(LAYOUT, 6), 'FENCED');
      await store.claim(LAYOUT, 8);
      await expectRefusal(claim(store), 'FENCED');
    });
  });
}
