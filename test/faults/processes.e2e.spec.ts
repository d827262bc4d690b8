import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from '@jest/globals';

import { defineCrm } from '../support/crm-catalog.js';
import { reportEngine } from '../support/engines.js';
import { startEventStoreDbStandIn, type EventStoreDbStandIn } from '../support/eventstoredb-stand-in/index.js';
import { putCheckpointsBack, readCheckpoints, untilMoved } from '../support/mongodb/checkpoints.js';
import { describeWithMongo } from '../support/mongodb/describe-with-mongo.js';
import { removeDatabases } from '../support/mongodb/remove-databases.js';
import { passAll, startWireProxy, type WireProxy } from '../support/mongodb/wire-proxy.js';
import { killProjectors, startProjector, type ProjectorProcess } from '../support/projector.js';
import { killServices, startService, type Service } from '../support/service.js';
import { FailingCheckpoints, refuseWrites } from './support/database-faults.js';
import { expectIntact } from './support/expectations.js';
import { loadSteadily, type SteadyLoadResult } from './support/steady-load.js';

const seconds = (count: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, count * 1_000));
/** As the lease promises it. */
const TAKEOVER_MILLISECONDS = 15_000;

describeWithMongo('an API and projectors in processes of their own', (mongoUrl) => {
  let folder: string;
  let eventStore: EventStoreDbStandIn;
  let mongo: WireProxy;
  let database: string;
  let env: Readonly<Record<string, string>>;
  let service: Service;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tessera-processes-'));
    database = `tessera_e2e_${randomUUID().slice(0, 8)}`;
    eventStore = await startEventStoreDbStandIn();
    mongo = await startWireProxy(mongoUrl());
    const store = new URL(mongo.url);
    store.pathname = `/${database}`;
    env = {
      EVENTSTOREDB_URL: eventStore.url,
      MONGODB_URL: store.href,
      TESSERA_STREAM_PREFIX: 'spec.',
      TESSERA_NAMING_SECRET: 'ab'.repeat(32),
    };
    service = await startService({
      dataDir: join(folder, 'data'),
      env: { ...env, TESSERA_PROJECTOR: 'elsewhere' },
    });
    reportEngine('event log', 'eventstoredb stand-in');
    reportEngine('read store', 'mongodb');
  });
  afterEach(async () => {
    killServices();
    killProjectors();
    await mongo.stop();
    await eventStore.stop();
    await removeDatabases(mongoUrl(), database);
    rmSync(folder, { recursive: true, force: true });
  });

  const ready = async (url: string): Promise<boolean> => (await fetch(`${url}/health/ready`)).status === 200;

  async function untilReady(url: string): Promise<void> {
    while (!(await ready(url))) await seconds(0.1);
  }

  /** One that works and one that stands by. */
  async function twoProjectors(): Promise<readonly [ProjectorProcess, ProjectorProcess]> {
    const first = await startProjector(env);
    await untilReady(first.url);
    const second = await startProjector(env);
    await untilReady(second.url);
    await untilReady(service.url);
    await defineCrm(service);
    return [first, second];
  }

  const load = (make: () => Promise<void>): Promise<SteadyLoadResult> =>
    loadSteadily({
      url: () => service.url,
      requests: 60,
      itemsPerRequest: 40,
      inFlight: 4,
      fault: { after: 20, make },
    });

  /** How long it takes until somebody else's beat is in the lease. */
  async function takenOver(by: ProjectorProcess): Promise<number> {
    const startedAt = performance.now();
    while (!by.log().includes('the lease is taken')) await seconds(0.05);
    return performance.now() - startedAt;
  }

  it('says that no projector works while there is none', async () => {
    const answer = await service.fetch('/health/ready');
    expect(answer.status).toBe(503);
    expect(JSON.stringify(answer.body)).toContain('no projector');
    const projector = await startProjector(env);
    await untilReady(service.url);
    expect(await projector.end('SIGTERM')).toBe(0);
    expect(JSON.stringify((await service.fetch('/health/ready')).body)).toContain('the last one has stopped');
  });

  it('goes on with the other projector when the one at work is killed', async () => {
    const [first, second] = await twoProjectors();
    let took = 0;
    const result = await load(async () => {
      await first.end('SIGKILL');
      took = await takenOver(second);
    });
    expect(took).toBeLessThan(TAKEOVER_MILLISECONDS);
    await expectIntact(service, result);
  });

  it('goes on with the other when the one at work sleeps, which then cannot write', async () => {
    const [first, second] = await twoProjectors();
    let took = 0;
    const result = await load(async () => {
      first.signal('SIGSTOP');
      took = await takenOver(second);
      first.signal('SIGCONT');
    });
    expect(took).toBeLessThan(TAKEOVER_MILLISECONDS);
    await expectIntact(service, result);
    await untilReady(first.url);
    expect(first.log()).toContain('somebody else holds the lease: waiting');
  });

  it('hands over at once when the one at work is stopped in good order', async () => {
    const [first, second] = await twoProjectors();
    const result = await load(async () => {
      expect(await first.end('SIGTERM')).toBe(0);
      expect(await takenOver(second)).toBeLessThan(5_000);
    });
    await expectIntact(service, result);
  });

  it('loses nothing when the API is killed', async () => {
    await twoProjectors();
    const result = await load(async () => {
      await service.kill('SIGKILL');
      service = await service.restart({ ...env, TESSERA_PROJECTOR: 'elsewhere' });
    });
    await expectIntact(service, result);
  });

  it('loses nothing when the event store and the projector are killed together', async () => {
    const [first] = await twoProjectors();
    const result = await load(async () => {
      await Promise.all([eventStore.kill(), first.end('SIGKILL')]);
      await eventStore.restart();
    });
    await expectIntact(service, result);
  });

  it('waits for a database that is gone, and says so', async () => {
    await twoProjectors();
    const result = await load(async () => {
      await mongo.stop();
      await seconds(1);
      expect((await service.fetch('/health/ready')).status).toBe(503);
      const lookup = await service.fetch('/v1/profiles/CRMID/customer-1');
      expect(lookup).toMatchObject({ status: 503, body: { code: 'STORE_UNAVAILABLE' } });
      expect(lookup.headers.get('retry-after')).not.toBeNull();
      await mongo.start();
    });
    await expectIntact(service, result);
  });

  it('waits for a database that refuses every write for 30 s', async () => {
    await twoProjectors();
    const result = await load(async () => {
      mongo.intercept = refuseWrites;
      await seconds(30);
      mongo.intercept = passAll;
    });
    await expectIntact(service, result);
  });

  it('makes nothing of whole batches that are delivered again', async () => {
    const [first] = await twoProjectors();
    const result = await load(async () => {
      const before = await readCheckpoints(env['MONGODB_URL'] as string);
      await untilMoved(env['MONGODB_URL'] as string, before);
      await first.end('SIGKILL');
      await putCheckpointsBack(env['MONGODB_URL'] as string, before);
    });
    await expectIntact(service, result);
  });

  it('survives a checkpoint that cannot be written', async () => {
    await twoProjectors();
    const checkpoints = new FailingCheckpoints(5);
    const result = await load(async () => {
      mongo.intercept = checkpoints.intercept;
    });
    expect(checkpoints.failures).toBeGreaterThan(0);
    await expectIntact(service, result);
  });
});
