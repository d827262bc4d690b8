import { afterEach, beforeEach, describe } from '@jest/globals';

import type { ReadStore } from '#read-store';

import { checkpointsContract } from './read-store-checkpoints.contract.js';
import { documentsContract } from './read-store-documents.contract.js';
import type { ContractContext, ReadStorePlace, ReadStorePlaceFactory, TextOrder } from './read-store-fixture.js';
import { leasesContract } from './read-store-leases.contract.js';
import { membersContract } from './read-store-members.contract.js';
import { scansContract } from './read-store-scans.contract.js';
import { tombstonesContract } from './read-store-tombstones.contract.js';
import { versionsContract } from './read-store-versions.contract.js';

/** What every adapter of the read store does. `createPlace` is called once per test. */
export function readStoreContract(
  name: string,
  createPlace: ReadStorePlaceFactory,
  textOrder: TextOrder = 'utf-8',
): void {
  describe(`the read store contract on ${name}`, () => {
    let place: ReadStorePlace;
    let store: ReadStore;

    beforeEach(async () => {
      place = await createPlace();
      store = await place.open();
    });
    afterEach(async () => {
      await store.close();
      await place.remove();
    });

    const context: ContractContext = {
      textOrder,
      store: () => store,
      reopen: async () => {
        await store.close();
        store = await place.open();
        return store;
      },
      flush: async () => place.flush?.(),
    };
    documentsContract(context);
    tombstonesContract(context);
    membersContract(context);
    scansContract(context);
    versionsContract(context);
    checkpointsContract(context);
    leasesContract(context);
  });
}
