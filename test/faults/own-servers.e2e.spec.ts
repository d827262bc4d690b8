import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { defineCrm } from '../support/crm-catalog.js';
import { freePort } from '../support/free-port.js';
import { OwnServer } from '../support/own-server.js';
import { killProjectors, startProjector, type ProjectorProcess } from '../support/projector.js';
import { killServices, startService, type Service } from '../support/service.js';
import { expectIntact, ReadinessLog } from './support/expectations.js';
import { loadSteadily, type SteadyLoadResult } from './support/steady-load.js';

/** How to start real servers in the foreground, such as `mongod --bind_ip 127.0.0.1 --port {port} --dbpath {folder}`. */
const EVENT_STORE = process.env['TESSERA_TEST_EVENTSTOREDB_COMMAND'];
const DATABASE = process.env['TESSERA_TEST_MONGODB_COMMAND'];
const describeOrSkip = EVENT_STORE !== undefined && DATABASE !== undefined ? describe : describe.skip;

const seconds = (count: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, count * 1_000));

describeOrSkip('on servers of its own, a service loses nothing, and nothing is there twice, when', () => {
  let folder: string;
  let eventStore: OwnServer;
  let database: OwnServer;
  let env: Readonly<Record<string, string>>;
  let service: Service;
  let projector: ProjectorProcess;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tessera-own-servers-'));
    eventStore = new OwnServer(EVENT_STORE ?? '', await freePort(), join(folder, 'event-store'));
    database = new OwnServer(DATABASE ?? '', await freePort(), join(folder, 'database'));
    await Promise.all([eventStore.start(), database.start()]);
    env = {
      EVENTSTOREDB_URL: `esdb://127.0.0.1:${eventStore.port}?tls=false`,
      MONGODB_URL: `mongodb://127.0.0.1:${database.port}/tessera`,
      TESSERA_STREAM_PREFIX: 'spec.',
      TESSERA_NAMING_SECRET: 'ab'.repeat(32),
      TESSERA_PROJECTOR: 'elsewhere',
    };
    projector = await startProjector(env);
    service = await startService({ dataDir: join(folder, 'data'), env });
    while ((await service.fetch('/health/ready')).status !== 200) await seconds(0.1);
    await defineCrm(service);
  });
  afterEach(async () => {
    killServices();
    killProjectors();
    await Promise.all([eventStore.kill(), database.kill()]);
    rmSync(folder, { recursive: true, force: true });
  });

  const load = (make: () => Promise<void>): Promise<SteadyLoadResult> =>
    loadSteadily({
      url: () => service.url,
      requests: 60,
      itemsPerRequest: 40,
      inFlight: 4,
      fault: { after: 20, make },
    });

  async function intactAndReady(result: SteadyLoadResult): Promise<void> {
    await expectIntact(service, result);
    expect((await service.fetch('/health/ready')).status).toBe(200);
  }

  const killEventStore = async (): Promise<void> => {
    await eventStore.kill();
    await seconds(2);
    await eventStore.start();
  };
  const killDatabase = async (): Promise<void> => {
    await database.kill();
    await seconds(2);
    await database.start();
  };
  const killApi = async (): Promise<void> => {
    await service.kill('SIGKILL');
    service = await service.restart(env);
  };
  const killProjector = async (): Promise<void> => {
    await projector.end('SIGKILL');
    projector = await startProjector(env);
  };
  const pause = async (server: OwnServer): Promise<void> => {
    server.signal('SIGSTOP');
    await seconds(20);
    server.signal('SIGCONT');
  };

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
    await intactAndReady(
      await load(async () => {
        await Promise.all(faults.map((fault) => fault()));
      }),
    );
  });

  it('the event store stands still for 20 s, and says that it is not ready', async () => {
    const readiness = new ReadinessLog(() => service.url);
    const result = await load(() => pause(eventStore));
    expect(await readiness.stop()).toEqual(expect.arrayContaining([200, 503]));
    await intactAndReady(result);
  });

  it('the database stands still for 20 s, and says that it is not ready', async () => {
    const readiness = new ReadinessLog(() => service.url);
    const result = await load(() => pause(database));
    await expectIntact(service, result);
    expect(await readiness.stop()).toEqual(expect.arrayContaining([200, 503]));
  });
});
