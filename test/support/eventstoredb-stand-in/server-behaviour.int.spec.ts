import { realServer } from './real-server.js';
import { serverBehaviour } from './server-behaviour.js';
import { startEventStoreDbStandIn } from './stand-in.js';

serverBehaviour('the stand-in', async () => {
  const standIn = await startEventStoreDbStandIn();
  return { url: standIn.url, scavenge: async () => standIn.scavenge(), stop: () => standIn.stop() };
});

const url = process.env['EVENTSTOREDB_URL'];
if (url !== undefined) serverBehaviour('the real server', async () => realServer(url));
