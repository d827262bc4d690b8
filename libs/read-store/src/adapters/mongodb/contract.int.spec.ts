import { randomUUID } from 'node:crypto';

import { MongoClient } from 'mongodb';

import { readStoreContract } from '../../../../../test/contract/read-store.contract.js';
import { reportEngine } from '../../../../../test/support/engines.js';
import { describeWithMongo } from '../../../../../test/support/mongodb/test-mongo.js';
import { openMongoReadStore } from './index.js';

describeWithMongo('the MongoDB read store', (url) => {
  readStoreContract('MongoDB', async () => {
    const database = `tessera-test-${randomUUID()}`;
    return {
      async open() {
        const store = await openMongoReadStore({ url: url(), database });
        reportEngine('read store', 'mongodb');
        return store;
      },
      async remove() {
        const client = new MongoClient(url());
        await client.db(database).dropDatabase();
        await client.close();
      },
    };
  });
});
