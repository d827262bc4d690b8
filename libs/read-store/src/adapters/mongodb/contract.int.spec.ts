import { randomUUID } from 'node:crypto';

import { MongoClient, MongoServerError } from 'mongodb';

import { readStoreContract } from '../../../../../test/contract/read-store.contract.js';
import type { ReadStorePlace } from '../../../../../test/contract/read-store-fixture.js';
import { reportEngine } from '../../../../../test/support/engines.js';
import { describeWithMongo } from '../../../../../test/support/mongodb/describe-with-mongo.js';
import { openMongoReadStore } from './index.js';

/** MongoDB orders texts by their bytes; of a compatible server that does not, this says so. */
const TEXT_ORDER = process.env['TESSERA_TEST_MONGODB_TEXT_ORDER'] === 'utf-16' ? 'utf-16' : 'utf-8';

describeWithMongo('the MongoDB read store', (url) => {
  const createPlace = async (): Promise<ReadStorePlace> => {
    const database = `tessera-test-${randomUUID()}`;
    const withClient = async (work: (client: MongoClient) => Promise<unknown>): Promise<void> => {
      const client = new MongoClient(url());
      await work(client).finally(() => client.close());
    };
    return {
      async open() {
        const store = await openMongoReadStore({ url: url(), database });
        reportEngine('read store', 'mongodb');
        return store;
      },
      // The server writes its files once a minute.
      flush: () => withClient((client) => client.db('admin').command({ fsync: 1 }).catch(ignoreMissingCommand)),
      remove: () => withClient((client) => client.db(database).dropDatabase()),
    };
  };
  readStoreContract('MongoDB', createPlace, TEXT_ORDER);
});

/** A server without the command has nothing to bring to disk, or does not tell its size. */
function ignoreMissingCommand(error: unknown): void {
  if (!(error instanceof MongoServerError && error.codeName === 'CommandNotFound')) throw error;
}
