import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { putCheckpointsBack, readCheckpoints, untilMoved } from '../support/mongodb/checkpoints.js';
import { passAll } from '../support/mongodb/wire-proxy.js';
import type { OwnServer } from '../support/own-server.js';
import { killProjectors, startProjector } from '../support/projector.js';
import { killServices } from '../support/service.js';
import { FailingCheckpoints, refuseWrites } from './support/database-faults.js';
import { hasOwnServers, OwnCluster, seconds } from './support/own-cluster.js';

const describeOrSkip = hasOwnServers ? describe : describe.skip;

describeOrSkip('on servers of its own, a service loses nothing, and nothing is there twice, when', () => {
  let cluster: OwnCluster;

  beforeEach(async () => {
    cluster = await OwnCluster.start();
  });
  afterEach(async () => {
    killServices();
    killProjectors();
    await cluster.stop();
  });

  const killServer = async (server: OwnServer): Promise<void> => {
    await server.end();
    await seconds(5);
    await server.start();
  };
  const killEventStore = (): Promise<void> => killServer(cluster.eventStore);
  const killDatabase = (): Promise<void> => killServer(cluster.database);
  const killApi = (): Promise<void> => cluster.restartService();
  const killProjector = (): Promise<void> => cluster.restartProjector();

  it.each([
    ['the event store is killed', [killEventStore]],
    ['the database is killed', [killDatabase]],
    ['the API is killed', [killApi]],
    ['the projector is killed', [killProjector]],
    ['event store and database are killed together', [killEventStore, killDatabase]],
    ['event store and API are killed together', [killEventStore, killApi]],
    ['event store and projector are killed together', [killEventStore, killProjector]],
    ['database and API are killed together', [killDatabase, killApi]],
    ['database and projector are killed together', [killDatabase, killProjector]],
    ['API and projector are killed together', [killApi, killProjector]],
  ])('%s', async (_what, faults) => {
    const result = await cluster.load(async () => {
      await Promise.all(faults.map((fault) => fault()));
    });
    // While the API is killed too, nobody answers at all.
    const isTold = !faults.includes(killApi) && (faults.includes(killEventStore) || faults.includes(killDatabase));
    if (isTold) expect(result.readiness).toContain(503);
    await cluster.expectIntactAndReady(result);
  });

  it.each([
    ['the event store', () => cluster.eventStore],
    ['the database', () => cluster.database],
  ])('%s stands still for 20 s, and it says that it is not ready', async (_what, server) => {
    const result = await cluster.load(async () => {
      server().signal('SIGSTOP');
      await seconds(20);
      server().signal('SIGCONT');
    });
    expect(result.readiness).toEqual(expect.arrayContaining([200, 503]));
    await cluster.untilReady();
    await cluster.expectIntactAndReady(result);
  });

  it('the event store is stopped in good order, and ends appends and subscriptions itself', async () => {
    const result = await cluster.load(async () => {
      await cluster.eventStore.end('SIGTERM');
      await cluster.eventStore.start();
    });
    await cluster.expectIntactAndReady(result);
  });

  it('connections are cut in the middle of appends, and before their answers', async () => {
    const result = await cluster.load(async () => {
      for (const where of ['in the request', 'before the answer', 'in the request', 'before the answer'] as const) {
        cluster.connections.cut(where);
        await seconds(0.5);
      }
    });
    await cluster.expectIntactAndReady(result);
  });

  it('whole batches are delivered again', async () => {
    const result = await cluster.load(async () => {
      const before = await readCheckpoints(cluster.databaseUrl);
      await untilMoved(cluster.databaseUrl, before);
      await cluster.restartProjector(() => putCheckpointsBack(cluster.databaseUrl, before));
    });
    await cluster.expectIntactAndReady(result);
  });

  it('two projectors believe that they hold the lease', async () => {
    const first = cluster.projector;
    const second = await startProjector(cluster.env);
    const result = await cluster.load(async () => {
      first.signal('SIGSTOP');
      while (!second.log().includes('the lease is taken')) await seconds(0.05);
      // It goes on with the page that it was at, and cannot write it.
      first.signal('SIGCONT');
    });
    await cluster.expectIntactAndReady(result);
    expect(first.log()).toContain('somebody else holds the lease: waiting');
  });

  it('the database refuses every write for 30 s', async () => {
    const result = await cluster.load(async () => {
      cluster.databaseProxy.intercept = refuseWrites;
      await seconds(30);
      cluster.databaseProxy.intercept = passAll;
    });
    await cluster.expectIntactAndReady(result);
  });

  it('checkpoints cannot be written', async () => {
    const checkpoints = new FailingCheckpoints(5);
    const result = await cluster.load(async () => {
      cluster.databaseProxy.intercept = checkpoints.intercept;
    });
    await cluster.expectIntactAndReady(result);
    expect(checkpoints.failures).toBe(5);
  });
});
