import { describe, it } from '@jest/globals';

import { eventLogContract } from '../../../../../test/contract/event-log.contract.js';
import type { EventLogFactory } from '../../../../../test/contract/event-log-under-test.js';
import { reportEngine } from '../../../../../test/support/engines.js';
import { startEventStoreDbStandIn } from '../../../../../test/support/eventstoredb-stand-in/index.js';
import { openEventStoreDbEventLog } from './index.js';

/** `open` answers where the server is and how to let it go. */
function onServer(
  engine: string,
  open: () => Promise<{ readonly url: string; stop(): Promise<void> }>,
): EventLogFactory {
  return async (limits) => {
    const server = await open();
    let log = await openEventStoreDbEventLog({ url: server.url, ...limits });
    reportEngine('event log', engine);
    return {
      get log() {
        return log;
      },
      async reopen() {
        await log.close();
        log = await openEventStoreDbEventLog({ url: server.url, ...limits });
      },
      async dispose() {
        await log.close();
        await server.stop();
      },
    };
  };
}

eventLogContract('the stand-in for EventStoreDB', onServer('eventstoredb stand-in', startEventStoreDbStandIn));

const url = process.env['EVENTSTOREDB_URL'];
if (url === undefined) {
  describe.skip('the event log contract on EventStoreDB', () => {
    it('runs when EVENTSTOREDB_URL names a server', () => undefined);
  });
} else {
  eventLogContract(
    'EventStoreDB',
    onServer('eventstoredb', async () => ({ url, stop: async () => undefined })),
  );
}
