import { once } from 'node:events';
import { createServer } from 'node:net';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { expectRefusal } from '../../../../../test/contract/read-store-fixture.js';
import { startEmptyServer, type EmptyServer } from '../../../../../test/support/mongodb/empty-server.js';
import { startWireProxy, type WireProxy } from '../../../../../test/support/mongodb/wire-proxy.js';
import type { ReadStore } from '../../read-store.js';
import { openMongoReadStore, type MongoReadStoreOptions } from './index.js';

/** One connection, so that a place in the pool that is lost is missed; and every wait of the driver is short. */
const SHORT =
  'maxPoolSize=1&serverSelectionTimeoutMS=300&waitQueueTimeoutMS=300&connectTimeoutMS=300&heartbeatFrequencyMS=500';
/** Its request does not find room in the buffers of a connection that nobody reads. */
const LONG_NAME = 'n'.repeat(12_000_000);

describe('the client of the driver', () => {
  let server: EmptyServer;
  let proxy: WireProxy;
  let store: ReadStore | undefined;

  beforeEach(async () => {
    server = await startEmptyServer();
    proxy = await startWireProxy(server.url);
  });
  afterEach(async () => {
    await store?.close();
    await proxy.stop();
    await server.stop();
  });

  const open = async (socketTimeout: number, options: Partial<MongoReadStoreOptions> = {}): Promise<ReadStore> => {
    const url = `${proxy.url}&${SHORT}&socketTimeoutMS=${socketTimeout}`;
    store = await openMongoReadStore({ ...options, url });
    return store;
  };

  it('ends a long request that waits for room in its socket longer than all time-outs allow, and goes on', async () => {
    const { lease } = bound(await open(400, { renewalMilliseconds: 60_000 }));
    proxy.freeze();
    await expectRefusal(lease(LONG_NAME), 'STORE_UNAVAILABLE');
    proxy.thaw();
    await untilAnswered(() => lease('short'));
  });

  it('is renewed when the server is away for long, and so ends what waits', async () => {
    const { lease } = bound(await open(60_000, { renewalMilliseconds: 500 }));
    proxy.freeze();
    await expectRefusal(lease(LONG_NAME), 'STORE_UNAVAILABLE');
    await expectRefusal(lease('short'), 'STORE_UNAVAILABLE');
    proxy.thaw();
    await untilAnswered(() => lease('short'));
  });

  it('finds the server again behind a proxy that took connections, and closed each at once, through renewals', async () => {
    const { lease } = bound(await open(400, { renewalMilliseconds: 200 }));
    const port = Number(new URL(proxy.url).port);
    await proxy.stop();
    let taken = 0;
    const closing = createServer((socket) => {
      taken += 1;
      socket.destroy();
    }).listen(port, '127.0.0.1');
    while (taken < 5) {
      await expectRefusal(lease('short'), 'STORE_UNAVAILABLE');
      await aMoment();
    }
    closing.close();
    await once(closing, 'close');
    await proxy.start();
    await untilAnswered(() => lease('short'));
  });
});

function bound(store: ReadStore): Pick<ReadStore, 'lease'> {
  return { lease: (name) => store.lease(name) };
}

/** Whoever is refused asks again. What is not answered at all, or for ever refused, fails by the time-out of the test. */
async function untilAnswered(ask: () => Promise<unknown>): Promise<void> {
  for (;;) {
    const answered = await ask().then(
      () => true,
      (error: unknown) => {
        expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE' });
        return false;
      },
    );
    if (answered) return;
    await aMoment();
  }
}

/** A closed client refuses without waiting: who asks in a loop must let others have their turn. */
const aMoment = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50));
