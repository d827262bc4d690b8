import { describe, expect, it } from '@jest/globals';
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
import { passAll, type Verdict } from '../../../../../test/support/mongodb/wire-proxy.js';
import type { ReadStore } from '../../read-store.js';
import {
  answer,
  CHECKPOINTS,
  onCommand,
  StoresForFaults,
} from '../../../../../test/support/mongodb/stores-for-faults.js';

describeWithMongo('the MongoDB read store', (url) => {
  const stores = new StoresForFaults(url);

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
      const version = await deployAndClaim(stores.store);
      await version.commit(at(1), put(NOTES, 'n', {}, 'before'));
      await stores.proxy.stop();
      const start = performance.now();
      await Promise.all(everyCall(stores.store, version).map((call) => expectRefusal(call, 'STORE_UNAVAILABLE')));
      expect(performance.now() - start).toBeLessThan(6_000);
      await stores.proxy.start();
      expect((await version.get(NOTES, 'n'))?.body).toBe('before');
      await version.commit(at(2), put(NOTES, 'n', {}, 'after'));
      expect(await stores.checkpoint()).toBe(at(2));
    });

    it('refuses a long request whose connection is reset while it is still being sent', async () => {
      const { reader } = await deployAndClaim(stores.store);
      stores.proxy.longest = 1_000_000;
      const keys = Array.from({ length: 10_000 }, (_, i) => `${'k'.repeat(1_200)}${i}`);
      await expectRefusal(reader.get('notes', keys), 'STORE_UNAVAILABLE');
      stores.proxy.longest = Infinity;
      expect(await reader.get('notes', keys.slice(0, 1))).toEqual([undefined]);
    });

    it('refuses every call in time when the server does not answer', async () => {
      const patient = await stores.openStore(stores.proxy.url);
      const version = await deployAndClaim(patient);
      stores.proxy.intercept = () => 'hold';
      const start = performance.now();
      await Promise.all(everyCall(patient, version).map((call) => expectRefusal(call, 'STORE_UNAVAILABLE')));
      expect(performance.now() - start).toBeLessThan(20_000);
      stores.proxy.intercept = passAll;
      await stores.proxy.stop();
      await stores.proxy.start();
      await version.commit(at(1), put(NOTES, 'n'));
    });

    it('cannot be opened', async () => {
      await stores.proxy.stop();
      await expectRefusal(stores.openStore(`${stores.proxy.url}&serverSelectionTimeoutMS=300`), 'STORE_UNAVAILABLE');
    });

    it('tells so once, and once when it is back', async () => {
      const told: string[] = [];
      const waiting = new Map<string, () => void>();
      const reporting = await stores.openStore(`${stores.proxy.url}&serverSelectionTimeoutMS=300`, {
        report: (message, { servers }) => {
          expect(servers).toEqual([expect.stringMatching(/^127\.0\.0\.1:\d+$/)]);
          told.push(message);
          waiting.get(message)?.();
        },
      });
      const back = new Promise<void>((resolve) => waiting.set('The read store is back', resolve));
      await stores.proxy.stop();
      for (let i = 0; i < 3; i += 1) await expectRefusal(reporting.registry('contract'), 'STORE_UNAVAILABLE');
      await stores.proxy.start();
      await back;
      expect(told).toEqual(['The read store is away', 'The read store is back']);
    });
  });

  it('is refused to a user without rights', async () => {
    const refusal = { ok: 0, code: 13, codeName: 'Unauthorized', errmsg: 'not authorized on tessera' };
    stores.proxy.intercept = onCommand('find', CHECKPOINTS, answer(refusal));
    await expectRefusal(stores.openStore(stores.proxy.url), 'INVALID_CONFIGURATION');
  });

  it('has every write on a majority and in the journal, whatever the URL says', async () => {
    const lax = await stores.openStore(`${stores.proxy.url}&w=1&journal=false`);
    const concerns: unknown[] = [];
    const note = (_request: Buffer, command: Document): Verdict => {
      const { w, j } = command['writeConcern'] as Document;
      concerns.push([w, j]);
      return 'pass';
    };
    const [update, findAndModify] = ['update', 'findAndModify'].map((name) => onCommand(name, /./, note));
    stores.proxy.intercept = async (request) => {
      await findAndModify?.(request);
      return update?.(request) ?? 'pass';
    };
    const version = await deployAndClaim(lax);
    await version.commit(at(1), put(NOTES, 'n'));
    // Deploying, claiming, the document, the checkpoint.
    expect(concerns).toEqual(Array.from({ length: 4 }, () => ['majority', true]));
  });

  it('finds a member in one document or in two while it moves', async () => {
    const version = await deployAndClaim(stores.store);
    await version.commit(at(1), put(PEOPLE, 'a1', { members: ['0a', '0b'] }), put(PEOPLE, 'b2', { members: ['0c'] }));
    const reader = stores.beside.reader(LAYOUT);
    const found: number[][] = [];
    const look = async (): Promise<Verdict> => {
      const documents = await reader.findByMember('people', 'by_member', ['0a', '0b', '0c']);
      found.push(documents.map(({ length }) => length));
      return 'pass';
    };
    stores.proxy.intercept = onCommand('update', /_people$/, look);
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
});
