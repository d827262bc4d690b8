import { once } from 'node:events';
import { createServer } from 'node:net';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MongoClient } from 'mongodb';

import { expectRefusal } from '../../../../../test/contract/read-store-fixture.js';
import { startEmptyServer, type EmptyServer } from '../../../../../test/support/mongodb/empty-server.js';
import { startWireProxy, type WireProxy } from '../../../../../test/support/mongodb/wire-proxy.js';
import type { ReadStore } from '../../read-store.js';
import { Connection } from './connection.js';
import { openMongoReadStore, type MongoReadStoreOptions } from './index.js';
import { Renewal } from './renewal.js';

/** One connection, so that a place in the pool that is lost is missed; and every wait of the driver is short. */
const SHORT =
  'maxPoolSize=1&serverSelectionTimeoutMS=300&waitQueueTimeoutMS=300&connectTimeoutMS=300&heartbeatFrequencyMS=500';
/** Its request does not find room in the buffers of a connection that nobody reads. */
const LONG_NAME = 'n'.repeat(12_000_000);

/** Whatever the driver does for the store in another way. */
const LONG_REQUESTS: readonly (readonly [string, (connection: Connection) => Promise<unknown>])[] = [
  ['find', (connection) => connection.documents('notes').findOne({ _id: LONG_NAME })],
  [
    'cursor',
    (connection) =>
      connection
        .documents('notes')
        .find({ _id: { $in: [LONG_NAME] } })
        .toArray(),
  ],
  ['bulk', (connection) => connection.documents('notes').bulkWrite([{ insertOne: { document: { _id: LONG_NAME } } }])],
];

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

  it.each(LONG_REQUESTS)(
    'ends a long %s that waits for room in its socket longer than all time-outs allow, and goes on',
    async (_, request) => {
      const url = `${proxy.url}&${SHORT}&socketTimeoutMS=400`;
      const connection = await Connection.open({ url, renewalMilliseconds: 60_000 });
      proxy.freeze();
      await expectRefusal(
        connection.answer(() => request(connection)),
        'STORE_UNAVAILABLE',
      );
      proxy.thaw();
      await untilAnswered(() => connection.answer(() => connection.documents('notes').findOne({ _id: 'short' })));
      await connection.close();
    },
  );

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

describe('the renewal of a client', () => {
  let server: EmptyServer;
  let client: GatedClient;
  let renewal: Renewal;

  const start = async (socketTimeout: number): Promise<void> => {
    client = new GatedClient(`${server.url}?${SHORT}&socketTimeoutMS=${socketTimeout}`);
    await client.connect();
    renewal = new Renewal(client, { afterMilliseconds: 60_000, report: () => undefined });
  };

  beforeEach(async () => {
    server = await startEmptyServer();
  });
  afterEach(async () => {
    client.open();
    await renewal.end();
    await server.stop();
  });

  it('does not keep who asks meanwhile waiting', async () => {
    await start(100);
    const renewed = client.shut();
    await expectRefusal(renewal.watch(never()), 'STORE_UNAVAILABLE');
    await renewed;
    await expectRefusal(renewal.watch(never()), 'STORE_UNAVAILABLE');
  });

  it('waits until nobody is answered', async () => {
    await start(100);
    const renewed = client.shut();
    const lost = renewal.watch(never());
    await renewal.watch(Promise.resolve());
    await expectRefusal(lost, 'STORE_UNAVAILABLE');
    await client.db().command({ ping: 1 });
    await renewed;
  });

  it('leaves nothing open when it is ended while the client connects', async () => {
    await start(100);
    const renewed = client.shut();
    await expectRefusal(renewal.watch(never()), 'STORE_UNAVAILABLE');
    await renewed;
    const ended = renewal.end();
    // The same one: it finds nothing to close yet.
    await client.close();
    client.open();
    await ended;
    await expect(client.db().command({ ping: 1 })).rejects.toThrow('must be connected');
  });

  it('refuses what is asked before it is ended, and after', async () => {
    await start(0);
    const asked = renewal.watch(never());
    const ended = renewal.end();
    await expectRefusal(asked, 'STORE_UNAVAILABLE');
    await expectRefusal(renewal.watch(never()), 'STORE_UNAVAILABLE');
    await ended;
  });
});

/** Does nothing for a while when it connects, as the driver while it looks up the members of a `mongodb+srv` URL. */
class GatedClient extends MongoClient {
  #gate = Promise.resolve();
  #arrive = (): void => undefined;
  /** Lets everybody through. */
  open = (): void => undefined;

  /** Resolves when somebody is at the gate. */
  shut(): Promise<void> {
    this.#gate = new Promise((resolve) => (this.open = resolve));
    return new Promise((resolve) => (this.#arrive = resolve));
  }

  override async connect(): Promise<this> {
    this.#arrive();
    await this.#gate;
    return super.connect();
  }
}

const never = (): Promise<never> => new Promise(() => {});

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
