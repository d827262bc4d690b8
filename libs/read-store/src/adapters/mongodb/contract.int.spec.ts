import { randomUUID } from 'node:crypto';

import { MongoClient, MongoServerError } from 'mongodb';

import { readStoreContract } from '../../../../../test/contract/read-store.contract.js';
import { reportEngine } from '../../../../../test/support/engines.js';
import { describeWithMongo } from '../../../../../test/support/mongodb/describe-with-mongo.js';
import { openMongoReadStore } from './index.js';

describeWithMongo('the MongoDB read store', (url) => {
  readStoreContract('MongoDB', async () => {
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
  });
});

/** A server without the command has nothing to bring to disk, or does not tell its size. */
function ignoreMissingCommand(error: unknown): void {
  if (!(error instanceof MongoServerError && error.codeName === 'CommandNotFound')) throw error;
}
