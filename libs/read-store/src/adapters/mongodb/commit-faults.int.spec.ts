import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Document } from 'mongodb';

import {
  at,
  deployAndClaim,
  expectRefusal,
  LAYOUT,
  NOTES,
  PEOPLE,
  put,
  remove,
  type ClaimedVersion,
} from '../../../../../test/contract/read-store-fixture.js';
import { describeWithMongo } from '../../../../../test/support/mongodb/describe-with-mongo.js';
import { passAll } from '../../../../../test/support/mongodb/wire-proxy.js';
import {
  answer,
  CHECKPOINTS,
  DOCUMENTS,
  onCommand,
  StoresForFaults,
} from '../../../../../test/support/mongodb/stores-for-faults.js';

describeWithMongo('the MongoDB read store', (url) => {
  const stores = new StoresForFaults(url);

  describe('when a commit is cut', () => {
    let version: ClaimedVersion;

    beforeEach(async () => {
      version = await deployAndClaim(stores.store);
      await version.commit(at(1), put(NOTES, 'n', {}, 'before'));
    });

    const commit = (): Promise<void> =>
      version.commit(
        at(2),
        put(NOTES, 'n', {}, 'after'),
        put(PEOPLE, 'a1', { members: ['0a'] }),
        remove(NOTES, 'gone'),
      );

    it('between documents and checkpoint, has no checkpoint, and its repeat gives the same', async () => {
      stores.proxy.intercept = onCommand('update', CHECKPOINTS, () => 'cut');
      await expectRefusal(commit(), 'STORE_UNAVAILABLE');
      expect(await stores.checkpoint()).toBe(at(1));
      expect(await stores.note('n')).toBe('after');
      stores.proxy.intercept = passAll;
      await commit();
      expect(await stores.checkpoint()).toBe(at(2));
      expect(await stores.note('n')).toBe('after');
      expect(await stores.beside.reader(LAYOUT).count('notes')).toBe(1);
    });

    it('in the middle of its documents, is completed by its repeat', async () => {
      const keys = Array.from({ length: 3_500 }, (_, i) => String(i));
      const big = (): Promise<void> => version.commit(at(2), ...keys.map((key) => put(NOTES, key)));
      let requests = 0;
      stores.proxy.intercept = onCommand('update', DOCUMENTS, () => ((requests += 1) > 2 ? 'cut' : 'pass'));
      await expectRefusal(big(), 'STORE_UNAVAILABLE');
      expect(requests).toBeGreaterThan(2);
      expect(await stores.beside.reader(LAYOUT).count('notes')).toBeLessThan(keys.length + 1);
      expect(await stores.checkpoint()).toBe(at(1));
      stores.proxy.intercept = passAll;
      await big();
      expect(await stores.beside.reader(LAYOUT).count('notes')).toBe(keys.length + 1);
      expect(await stores.checkpoint()).toBe(at(2));
    });

    it.each(['update', 'update of documents'])('before the answer to its %s comes, can be repeated', async (which) => {
      const collection = which === 'update' ? CHECKPOINTS : DOCUMENTS;
      stores.proxy.intercept = onCommand('update', collection, () => 'cut after', 1);
      await expectRefusal(commit(), 'STORE_UNAVAILABLE');
      await commit();
      expect(await stores.checkpoint()).toBe(at(2));
      expect(await stores.note('n')).toBe('after');
    });

    it.each<[string, Document]>([
      ['is not the primary any more', { ok: 0, code: 10_107, codeName: 'NotWritablePrimary', errmsg: 'not primary' }],
      ['is read-only', { ok: 1, n: 0, writeErrors: [{ index: 0, code: 13_435, errmsg: 'not master' }] }],
      ['did not reach a majority', { ok: 1, n: 1, nModified: 1, writeConcernError: { code: 64, errmsg: 'timed out' } }],
    ])('by a server that %s, rejects and can be repeated', async (_name, refusal) => {
      for (const collection of [DOCUMENTS, CHECKPOINTS]) {
        stores.proxy.intercept = onCommand('update', collection, answer(refusal));
        const error: unknown = await commit().catch((reason: unknown) => reason);
        expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
        expect(await stores.checkpoint()).toBe(at(1));
      }
      stores.proxy.intercept = passAll;
      await commit();
      expect(await stores.checkpoint()).toBe(at(2));
    });

    it('by a full disk, says so', async () => {
      const refusal = { ok: 1, n: 0, writeErrors: [{ index: 0, code: 14_031, errmsg: 'available disk space' }] };
      stores.proxy.intercept = onCommand('update', DOCUMENTS, answer(refusal));
      await expectRefusal(commit(), 'STORE_FULL');
      expect(await stores.checkpoint()).toBe(at(1));
    });

    it('by one failure among keys that were there already, fails', async () => {
      const errors = [11_000, 14_031].map((code, index) => ({ index, code, errmsg: String(code) }));
      stores.proxy.intercept = onCommand('update', /_notes$/, answer({ ok: 1, n: 0, writeErrors: errors }));
      await expectRefusal(commit(), 'STORE_FULL');
    });

    it('by a majority that was not reached, fails also when keys were there already', async () => {
      const refusal = {
        ...{ ok: 1, n: 0, writeErrors: [{ index: 0, code: 11_000, errmsg: 'E11000 duplicate key' }] },
        writeConcernError: { code: 64, errmsg: 'timed out' },
      };
      stores.proxy.intercept = onCommand('update', /_people$/, answer(refusal), 1);
      await expectRefusal(commit(), 'STORE_UNAVAILABLE');
      expect(await stores.checkpoint()).toBe(at(1));
    });

    it('by another writer that makes the same document in this moment, writes it all the same', async () => {
      const taken = { ok: 1, n: 0, writeErrors: [{ index: 0, code: 11_000, errmsg: 'E11000 duplicate key' }] };
      stores.proxy.intercept = onCommand('update', /_people$/, answer(taken), 1);
      await commit();
      expect(await stores.beside.reader(LAYOUT).count('people')).toBe(1);
    });

    it('by the limit of a document, names it and has written nothing', async () => {
      const large = put(NOTES, 'large', {}, 'x'.repeat(16 * 1_024 * 1_024));
      await expect(version.commit(at(2), put(NOTES, 'n', {}, 'after'), large)).rejects.toMatchObject({
        code: 'DOCUMENT_TOO_LARGE',
        message: expect.stringContaining('notes/large'),
      });
      expect(await stores.note('n')).toBe('before');
    });
  });
});
