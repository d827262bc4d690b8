import { randomUUID } from 'node:crypto';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BSON, MongoClient, type Document } from 'mongodb';

import {
  at,
  claim,
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
import {
  answerTo,
  commandOf,
  passAll,
  startWireProxy,
  type Intercept,
  type Verdict,
  type WireProxy,
} from '../../../../../test/support/mongodb/wire-proxy.js';
import type { ReadStore } from '../../read-store.js';
import { openMongoReadStore } from './index.js';

/** Requests of one kind get the verdict, the first `times` of them; all others pass. */
function onCommand(
  name: string,
  collection: RegExp,
  verdict: (request: Buffer, command: Document) => Verdict | Promise<Verdict>,
  times = Infinity,
): Intercept {
  let left = times;
  return (request) => {
    const bson = commandOf(request);
    const command = bson === undefined ? {} : BSON.deserialize(bson);
    const target: unknown = command[name];
    if (typeof target !== 'string' || !collection.test(target) || left === 0) return 'pass';
    left -= 1;
    return verdict(request, command);
  };
}

const CHECKPOINTS = /^versions$/;
const DOCUMENTS = /^contract_v1_/;

const answer =
  (document: Document) =>
  (request: Buffer): Verdict =>
    answerTo(request, BSON.serialize(document));

describeWithMongo('the MongoDB read store', (url) => {
  let proxy: WireProxy;
  let database: string;
  let open: ReadStore[];
  /** Through the proxy. */
  let store: ReadStore;
  /** Straight to the server. */
  let beside: ReadStore;

  const openStore = async (at: string, options = ''): Promise<ReadStore> => {
    const opened = await openMongoReadStore({ url: at + options, database });
    open.push(opened);
    return opened;
  };

  beforeEach(async () => {
    database = `tessera-test-${randomUUID()}`;
    open = [];
    proxy = await startWireProxy(url());
    store = await openStore(proxy.url, '&serverSelectionTimeoutMS=1500');
    beside = await openStore(url());
  });
  afterEach(async () => {
    for (const opened of open) await opened.close();
    await proxy.stop();
    const client = new MongoClient(url());
    await client
      .db(database)
      .dropDatabase()
      .finally(() => client.close());
  });

  const checkpointOf = async (): Promise<string | undefined> => (await beside.checkpoint(LAYOUT))?.position;
  const noteBeside = async (key: string): Promise<unknown> =>
    (await beside.reader(LAYOUT).get('notes', [key]))[0]?.body;

  describe('when a commit is cut', () => {
    let version: ClaimedVersion;

    beforeEach(async () => {
      version = await deployAndClaim(store);
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
      proxy.intercept = onCommand('update', CHECKPOINTS, () => 'cut');
      await expectRefusal(commit(), 'STORE_UNAVAILABLE');
      expect(await checkpointOf()).toBe(at(1));
      expect(await noteBeside('n')).toBe('after');
      proxy.intercept = passAll;
      await commit();
      expect(await checkpointOf()).toBe(at(2));
      expect(await noteBeside('n')).toBe('after');
      expect(await beside.reader(LAYOUT).count('notes')).toBe(1);
    });

    it('in the middle of its documents, is completed by its repeat', async () => {
      const keys = Array.from({ length: 3_500 }, (_, i) => String(i));
      const big = (): Promise<void> => version.commit(at(2), ...keys.map((key) => put(NOTES, key)));
      let requests = 0;
      proxy.intercept = onCommand('update', DOCUMENTS, () => ((requests += 1) > 2 ? 'cut' : 'pass'));
      await expectRefusal(big(), 'STORE_UNAVAILABLE');
      expect(requests).toBeGreaterThan(2);
      expect(await beside.reader(LAYOUT).count('notes')).toBeLessThan(keys.length + 1);
      expect(await checkpointOf()).toBe(at(1));
      proxy.intercept = passAll;
      await big();
      expect(await beside.reader(LAYOUT).count('notes')).toBe(keys.length + 1);
      expect(await checkpointOf()).toBe(at(2));
    });

    it.each(['update', 'update of documents'])('before the answer to its %s comes, can be repeated', async (which) => {
      const collection = which === 'update' ? CHECKPOINTS : DOCUMENTS;
      proxy.intercept = onCommand('update', collection, () => 'cut after', 1);
      await expectRefusal(commit(), 'STORE_UNAVAILABLE');
      await commit();
      expect(await checkpointOf()).toBe(at(2));
      expect(await noteBeside('n')).toBe('after');
    });

    it.each<[string, Document]>([
      ['is not the primary any more', { ok: 0, code: 10_107, codeName: 'NotWritablePrimary', errmsg: 'not primary' }],
      ['is read-only', { ok: 1, n: 0, writeErrors: [{ index: 0, code: 13_435, errmsg: 'not master' }] }],
      ['did not reach a majority', { ok: 1, n: 1, nModified: 1, writeConcernError: { code: 64, errmsg: 'timed out' } }],
    ])('by a server that %s, rejects and can be repeated', async (_name, refusal) => {
      for (const collection of [DOCUMENTS, CHECKPOINTS]) {
        proxy.intercept = onCommand('update', collection, answer(refusal));
        const error: unknown = await commit().catch((reason: unknown) => reason);
        expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
        expect(await checkpointOf()).toBe(at(1));
      }
      proxy.intercept = passAll;
      await commit();
      expect(await checkpointOf()).toBe(at(2));
    });

    it('by a full disk, says so', async () => {
      const refusal = { ok: 1, n: 0, writeErrors: [{ index: 0, code: 14_031, errmsg: 'available disk space' }] };
      proxy.intercept = onCommand('update', DOCUMENTS, answer(refusal));
      await expectRefusal(commit(), 'STORE_FULL');
      expect(await checkpointOf()).toBe(at(1));
    });

    it('by one failure among keys that were there already, fails', async () => {
      const errors = [11_000, 14_031].map((code, index) => ({ index, code, errmsg: String(code) }));
      proxy.intercept = onCommand('update', /_notes$/, answer({ ok: 1, n: 0, writeErrors: errors }));
      await expectRefusal(commit(), 'STORE_FULL');
    });

    it('by a majority that was not reached, fails also when keys were there already', async () => {
      const refusal = {
        ...{ ok: 1, n: 0, writeErrors: [{ index: 0, code: 11_000, errmsg: 'E11000 duplicate key' }] },
        writeConcernError: { code: 64, errmsg: 'timed out' },
      };
      proxy.intercept = onCommand('update', /_people$/, answer(refusal), 1);
      await expectRefusal(commit(), 'STORE_UNAVAILABLE');
      expect(await checkpointOf()).toBe(at(1));
    });

    it('by another writer that makes the same document in this moment, writes it all the same', async () => {
      const taken = { ok: 1, n: 0, writeErrors: [{ index: 0, code: 11_000, errmsg: 'E11000 duplicate key' }] };
      proxy.intercept = onCommand('update', /_people$/, answer(taken), 1);
      await commit();
      expect(await beside.reader(LAYOUT).count('people')).toBe(1);
    });

    it('by the limit of a document, names it and has written nothing', async () => {
      const large = put(NOTES, 'large', {}, 'x'.repeat(16 * 1_024 * 1_024));
      await expect(version.commit(at(2), put(NOTES, 'n', {}, 'after'), large)).rejects.toMatchObject({
        code: 'DOCUMENT_TOO_LARGE',
        message: expect.stringContaining('notes/large'),
      });
      expect(await noteBeside('n')).toBe('before');
    });
  });

  describe('while the server is away', () => {
    const everyCall = (store: ReadStore, version: ClaimedVersion): readonly Promise<unknown>[] => [
      version.reader.get('notes', ['n']),
      version.reader.scan('notes', { limit: 1 }),
      version.reader.findByMember('people', 'by_member', ['0a']),
      version.reader.count('notes'),
      version.commit(at(2), put(NOTES, 'n', {}, 'after')),
      store.deploy(LAYOUT),
      store.drop(LAYOUT),
      store.claim(LAYOUT),
      store.checkpoint(LAYOUT),
      store.registry('contract'),
      store.setRegistry('contract', undefined, { active: 1, retired: [] }),
      store.lease('projector'),
      store.takeLease('projector', undefined, 'one'),
      store.sweep(LAYOUT),
      store.sizeOnDisk(),
    ];

    it('refuses every call in time, and works again when the server is back', async () => {
      const version = await deployAndClaim(store);
      await version.commit(at(1), put(NOTES, 'n', {}, 'before'));
      await proxy.stop();
      const start = performance.now();
      await Promise.all(everyCall(store, version).map((call) => expectRefusal(call, 'STORE_UNAVAILABLE')));
      expect(performance.now() - start).toBeLessThan(6_000);
      await proxy.start();
      expect((await version.get(NOTES, 'n'))?.body).toBe('before');
      await version.commit(at(2), put(NOTES, 'n', {}, 'after'));
      expect(await checkpointOf()).toBe(at(2));
    });

    it('refuses every call in time when the server does not answer', async () => {
      const patient = await openStore(proxy.url);
      const version = await deployAndClaim(patient);
      proxy.intercept = () => 'hold';
      const start = performance.now();
      await Promise.all(everyCall(patient, version).map((call) => expectRefusal(call, 'STORE_UNAVAILABLE')));
      expect(performance.now() - start).toBeLessThan(20_000);
      proxy.intercept = passAll;
      await proxy.stop();
      await proxy.start();
      await version.commit(at(1), put(NOTES, 'n'));
    });

    it('cannot be opened', async () => {
      await proxy.stop();
      await expectRefusal(openStore(proxy.url, '&serverSelectionTimeoutMS=300'), 'STORE_UNAVAILABLE');
    });

    it('tells so once, and once when it is back', async () => {
      const told: string[] = [];
      const waiting = new Map<string, () => void>();
      const reporting = await openMongoReadStore({
        url: `${proxy.url}&serverSelectionTimeoutMS=300`,
        database,
        report: (message, { servers }) => {
          expect(servers).toEqual([expect.stringMatching(/^127\.0\.0\.1:\d+$/)]);
          told.push(message);
          waiting.get(message)?.();
        },
      });
      open.push(reporting);
      const back = new Promise<void>((resolve) => waiting.set('The read store is back', resolve));
      await proxy.stop();
      for (let i = 0; i < 3; i += 1) await expectRefusal(reporting.registry('contract'), 'STORE_UNAVAILABLE');
      await proxy.start();
      await back;
      expect(told).toEqual(['The read store is away', 'The read store is back']);
    });
  });

  it('is refused to a user without rights', async () => {
    const refusal = { ok: 0, code: 13, codeName: 'Unauthorized', errmsg: 'not authorized on tessera' };
    proxy.intercept = onCommand('find', CHECKPOINTS, answer(refusal));
    await expectRefusal(openStore(proxy.url), 'INVALID_CONFIGURATION');
  });

  it('has every write on a majority, whatever the URL says', async () => {
    const lax = await openStore(proxy.url, '&w=1&journal=false');
    const concerns: unknown[] = [];
    const note = (_request: Buffer, command: Document): Verdict => {
      concerns.push((command['writeConcern'] as Document | undefined)?.['w']);
      return 'pass';
    };
    const [update, findAndModify] = ['update', 'findAndModify'].map((name) => onCommand(name, /./, note));
    proxy.intercept = async (request) => {
      await findAndModify?.(request);
      return update?.(request) ?? 'pass';
    };
    const version = await deployAndClaim(lax);
    await version.commit(at(1), put(NOTES, 'n'));
    // Deploying, claiming, the document, the checkpoint.
    expect(concerns).toEqual(['majority', 'majority', 'majority', 'majority']);
  });

  it('finds a member in one document or in two while it moves', async () => {
    const version = await deployAndClaim(store);
    await version.commit(at(1), put(PEOPLE, 'a1', { members: ['0a', '0b'] }), put(PEOPLE, 'b2', { members: ['0c'] }));
    const reader = beside.reader(LAYOUT);
    const found: number[][] = [];
    const look = async (): Promise<Verdict> => {
      const documents = await reader.findByMember('people', 'by_member', ['0a', '0b', '0c']);
      found.push(documents.map(({ length }) => length));
      return 'pass';
    };
    proxy.intercept = onCommand('update', /_people$/, look);
    // One member moves to a new document, then all come together.
    await version.commit(at(2), put(PEOPLE, 'a1', { members: ['0a'] }), put(PEOPLE, 'c3', { members: ['0b'] }));
    await version.commit(
      at(3),
      remove(PEOPLE, 'a1'),
      remove(PEOPLE, 'c3'),
      put(PEOPLE, 'b2', { members: ['0c', '0a', '0b'] }),
    );
    await look();
    expect(found).toEqual([
      [1, 1, 1],
      [1, 2, 1],
      [1, 1, 1],
      [2, 2, 1],
      [1, 1, 1],
    ]);
  });

  describe('with two writers', () => {
    /** The old one has looked at the epoch; then the request of this kind waits for what the new one does. */
    const overtake = async (collection: RegExp, newWriter: () => Promise<void>): Promise<void> => {
      const old = await deployAndClaim(store);
      proxy.intercept = onCommand('update', collection, async () => newWriter().then(() => 'pass'), 1);
      await expectRefusal(old.commit(at(9), put(NOTES, 'n', {}, 'old'), put(NOTES, 'other', {}, 'old')), 'FENCED');
    };

    it('the old one cannot move the checkpoint, and its documents are harmless', async () => {
      let next: ClaimedVersion | undefined;
      await overtake(CHECKPOINTS, async () => {
        next = await claim(beside);
      });
      expect(await checkpointOf()).toBe('');
      await next?.commit(at(9), put(NOTES, 'n', {}, 'new'));
      await next?.commit(at(10), put(NOTES, 'n', {}, 'newer'));
      expect(await noteBeside('n')).toBe('newer');
      expect(await checkpointOf()).toBe(at(10));
    });

    it('the old one leaves documents of the new one alone, even at a later position', async () => {
      await overtake(DOCUMENTS, async () => {
        const next = await claim(beside);
        await next.commit(at(3), put(NOTES, 'n', {}, 'new'));
      });
      expect(await noteBeside('n')).toBe('new');
      expect(await checkpointOf()).toBe(at(3));
    });

    it('the old one writes nothing into a version that was dropped and deployed again', async () => {
      let next: ClaimedVersion | undefined;
      await overtake(DOCUMENTS, async () => {
        await beside.drop(LAYOUT);
        next = await deployAndClaim(beside);
      });
      expect(await beside.reader(LAYOUT).count('notes')).toBe(0);
      await next?.commit(at(2), put(NOTES, 'n', {}, 'new'));
      expect(await noteBeside('n')).toBe('new');
    });

    it('what the old one left behind of a dropped version goes with the next drop', async () => {
      await overtake(DOCUMENTS, async () => {
        await beside.drop(LAYOUT);
        await deployAndClaim(beside);
      });
      await beside.drop(LAYOUT);
      const client = new MongoClient(url());
      const left = await client.db(database).listCollections({}, { nameOnly: true }).toArray();
      await client.close();
      expect(left.map(({ name }) => name).filter((name) => DOCUMENTS.test(name))).toEqual([]);
    });

    it('one of many claims at the same time is the last, and the only one that may commit', async () => {
      await store.deploy(LAYOUT);
      const claims = await Promise.all(Array.from({ length: 8 }, (_, i) => (i % 2 ? store : beside).claim(LAYOUT)));
      const epochs = claims.map(({ epoch }) => epoch).sort((a, b) => a - b);
      expect(new Set(epochs).size).toBe(8);
      const last = epochs.pop() as number;
      for (const epoch of epochs) {
        await expectRefusal(store.commit(LAYOUT, { epoch, position: at(1), writes: [] }), 'FENCED');
      }
      await store.commit(LAYOUT, { epoch: last, position: at(1), writes: [] });
    });

    it('a lease goes to one of two stores, time after time', async () => {
      for (let epoch = 1; epoch <= 10; epoch += 1) {
        const seen = await store.lease('projector');
        const taken = await Promise.all([
          store.takeLease('projector', seen, 'one'),
          beside.takeLease('projector', seen, 'two'),
        ]);
        const won = taken.filter((lease) => lease !== undefined);
        expect(won).toHaveLength(1);
        expect(won[0]?.epoch).toBe(epoch);
        expect(await beside.lease('projector')).toEqual(won[0]);
      }
    });
  });

  describe('beside a process that drops versions', () => {
    it('says that a version is gone instead of finding nothing', async () => {
      const version = await deployAndClaim(store);
      await version.commit(at(1), put(PEOPLE, 'a1', { members: ['0a'] }), put(NOTES, 'n'));
      await version.get(NOTES, 'n');
      await beside.drop(LAYOUT);
      const { reader } = version;
      await expectRefusal(reader.get('notes', ['n']), 'STORE_UNAVAILABLE');
      await expectRefusal(reader.findByMember('people', 'by_member', ['0a']), 'STORE_UNAVAILABLE');
      await expectRefusal(reader.scan('notes', { limit: 5 }), 'STORE_UNAVAILABLE');
      await expectRefusal(reader.count('notes'), 'STORE_UNAVAILABLE');
      await expectRefusal(version.commit(at(2)), 'STORE_UNAVAILABLE');
    });

    it('reads the new one once it was deployed again', async () => {
      const version = await deployAndClaim(store);
      await version.commit(at(1), put(NOTES, 'n', {}, 'old'));
      await version.get(NOTES, 'n');
      await beside.drop(LAYOUT);
      const again = await deployAndClaim(beside, { ...LAYOUT, collections: [NOTES] });
      await again.commit(at(1), put(NOTES, 'n', {}, 'new'));
      await expectRefusal(version.get(NOTES, 'n'), 'STORE_UNAVAILABLE');
      expect((await version.get(NOTES, 'n'))?.body).toBe('new');
    });

    it('finishes a drop or a deployment that another process began', async () => {
      await deployAndClaim(store);
      proxy.intercept = onCommand('drop', DOCUMENTS, () => 'cut', 1);
      await expectRefusal(store.drop(LAYOUT), 'STORE_UNAVAILABLE');
      await expectRefusal(beside.reader(LAYOUT).count('notes'), 'STORE_UNAVAILABLE');
      proxy.intercept = onCommand('createIndexes', DOCUMENTS, () => 'cut', 1);
      await expectRefusal(store.deploy(LAYOUT), 'STORE_UNAVAILABLE');
      await expectRefusal(beside.reader(LAYOUT).count('notes'), 'STORE_UNAVAILABLE');
      const version = await deployAndClaim(beside);
      await version.commit(at(1), put(NOTES, 'n'));
      expect(await beside.reader(LAYOUT).count('notes')).toBe(1);
    });
  });
});
