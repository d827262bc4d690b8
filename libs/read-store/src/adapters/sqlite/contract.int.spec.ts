import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { readStoreContract } from '../../../../../test/contract/read-store.contract.js';
import { reportEngine } from '../../../../../test/support/engines.js';
import { openSqliteReadStore } from './index.js';

readStoreContract('SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tessera-read-store-'));
  return {
    async open() {
      const store = await openSqliteReadStore({ file: join(folder, 'store.sqlite'), mode: 'write' });
      reportEngine('read store', 'sqlite');
      return store;
    },
    remove: () => rm(folder, { recursive: true }),
  };
});
