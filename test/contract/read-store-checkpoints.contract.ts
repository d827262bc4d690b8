import { beforeEach, describe, expect, it } from '@jest/globals';

import { POSITION_START } from '#core';
import type { ProjectionLayout, ReadStore } from '#read-store';

import {
  at,
  claim,
  deployAndClaim,
  expectRefusal,
  LAYOUT,
  NOTES,
  PEOPLE,
  put,
  type ContractContext,
} from './read-store-fixture.js';

const SECOND: ProjectionLayout = { ...LAYOUT, version: 2 };
const OTHER: ProjectionLayout = { projection: 'other', version: 1, collections: [NOTES] };

export function checkpointsContract(context: ContractContext): void {
  let store: ReadStore;

  beforeEach(() => {
    store = context.store();
  });

  describe('a claim', () => {
    it('begins at the start and raises the epoch each time', async () => {
      await store.deploy(LAYOUT);
      const first = await store.claim(LAYOUT);
      const second = await store.claim(LAYOUT);
      expect(first.position).toBe(POSITION_START);
      expect(second.position).toBe(POSITION_START);
      expect(second.epoch).toBeGreaterThan(first.epoch);
      expect(await store.checkpoint(LAYOUT)).toEqual(second);
    });

    it('answers the checkpoint that was reached', async () => {
      const { epoch } = await deployAndClaimed(store);
      await store.commit(LAYOUT, { epoch, position: at(9), writes: [], ingestedAt: 1_000 });
      expect(await store.claim(LAYOUT)).toEqual({ position: at(9), epoch: expect.any(Number), ingestedAt: 1_000 });
    });

    // Whether documents of a fenced commit are there is up to the engine: their guards make them harmless.
    it('fences who wrote before: the checkpoint does not move for them', async () => {
      const old = await deployAndClaim(store);
      await old.commit(at(1), put(PEOPLE, 'a1', {}, 'before'));
      const next = await claim(store);
      await expectRefusal(old.commit(at(2), put(PEOPLE, 'a1', {}, 'fenced')), 'FENCED');
      await expectRefusal(old.commit(at(2)), 'FENCED');
      expect((await store.checkpoint(LAYOUT))?.position).toBe(at(1));
      await next.commit(at(3), put(PEOPLE, 'a1', {}, 'after'));
      expect((await next.get(PEOPLE, 'a1'))?.body).toBe('after');
    });

    it('is needed for a commit, and its epoch is the only one that counts', async () => {
      await store.deploy(LAYOUT);
      await expectRefusal(store.commit(LAYOUT, { epoch: 1, position: at(1), writes: [] }), 'FENCED');
      const { epoch } = await store.claim(LAYOUT);
      await expectRefusal(store.commit(LAYOUT, { epoch: epoch + 1, position: at(1), writes: [] }), 'FENCED');
    });

    it('of one version leaves the others alone', async () => {
      const first = await deployAndClaim(store);
      await deployAndClaim(store, SECOND);
      await deployAndClaim(store, OTHER);
      await first.commit(at(1), put(NOTES, 'n'));
    });
  });

  describe('a checkpoint', () => {
    it('moves with every commit, also with an empty one', async () => {
      const { epoch } = await deployAndClaimed(store);
      await store.commit(LAYOUT, { epoch, position: at(3), writes: [put(NOTES, 'n')], ingestedAt: 500 });
      expect(await store.checkpoint(LAYOUT)).toEqual({ position: at(3), epoch, ingestedAt: 500 });
      await store.commit(LAYOUT, { epoch, position: at(0x10), writes: [], ingestedAt: 400 });
      expect(await store.checkpoint(LAYOUT)).toEqual({ position: at(0x10), epoch, ingestedAt: 400 });
    });

    it('keeps the time when a commit brings none', async () => {
      const { epoch } = await deployAndClaimed(store);
      await store.commit(LAYOUT, { epoch, position: at(3), writes: [], ingestedAt: 500 });
      await store.commit(LAYOUT, { epoch, position: at(4), writes: [] });
      expect(await store.checkpoint(LAYOUT)).toEqual({ position: at(4), epoch, ingestedAt: 500 });
    });

    it('does not go back for a commit that comes late, whose new documents are written', async () => {
      const { epoch } = await deployAndClaimed(store);
      await store.commit(LAYOUT, { epoch, position: at(5), writes: [], ingestedAt: 500 });
      await store.commit(LAYOUT, { epoch, position: at(4), writes: [put(NOTES, 'n')], ingestedAt: 400 });
      expect(await store.checkpoint(LAYOUT)).toEqual({ position: at(5), epoch, ingestedAt: 500 });
      expect(await store.reader(LAYOUT).get('notes', ['n'])).toMatchObject([{ position: at(4) }]);
    });

    it('takes positions of any width', async () => {
      const { epoch } = await deployAndClaimed(store, OTHER);
      for (const position of ['0000000000000000a', '0000000000000000b', 'f0000000000000000']) {
        await store.commit(OTHER, { epoch, position, writes: [put(NOTES, 'n', {}, position)] });
        expect((await store.checkpoint(OTHER))?.position).toBe(position);
        expect(await store.reader(OTHER).get('notes', ['n'])).toMatchObject([{ position, body: position }]);
      }
    });
  });
}

async function deployAndClaimed(store: ReadStore, layout = LAYOUT): Promise<{ readonly epoch: number }> {
  await store.deploy(layout);
  return store.claim(layout);
}
