import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { defineCrm } from '../support/crm-catalog.js';
import { reportEngine } from '../support/engines.js';
import { startEventStoreDbStandIn, type EventStoreDbStandIn } from '../support/eventstoredb-stand-in/index.js';
import { freePort } from '../support/free-port.js';
import { killServices, startService, type Service } from '../support/service.js';
import { testEngines } from '../support/test-engines.js';
import { expectIntact, ReadinessLog } from './support/expectations.js';
import { loadSteadily, type SteadyLoadResult } from './support/steady-load.js';

const seconds = (count: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, count * 1_000));

/** What the event store does, the service has to live with. Its read store is whatever the run is about. */
describe('a service on an event store that', () => {
  let folder: string;
  let store: EventStoreDbStandIn;
  let service: Service;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tessera-faults-'));
    store = await startEventStoreDbStandIn();
    service = await startService({ dataDir: join(folder, 'data'), env: { EVENTSTOREDB_URL: store.url } });
    reportEngine('event log', 'eventstoredb stand-in');
    await defineCrm(service);
  });
  afterEach(async () => {
    killServices();
    await store.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const load = (make: () => Promise<void>): Promise<SteadyLoadResult> =>
    loadSteadily({
      url: () => service.url,
      requests: 80,
      itemsPerRequest: 40,
      inFlight: 4,
      fault: { after: 20, make },
    });

  it('is killed and comes back', async () => {
    const readiness = new ReadinessLog(() => service.url);
    const result = await load(async () => {
      await store.kill();
      await seconds(4);
      await store.restart();
    });
    expect(await readiness.stop()).toEqual(expect.arrayContaining([200, 503]));
    // Refused or kept waiting, never cut off.
    expect(result.refusals.has(0)).toBe(false);
    await expectIntact(service, result);
    expect((await service.fetch('/health/ready')).status).toBe(200);
  });

  it('is killed together with the service', async () => {
    const result = await load(async () => {
      await Promise.all([store.kill(), service.kill('SIGKILL')]);
      await store.restart();
      service = await service.restart({ EVENTSTOREDB_URL: store.url });
    });
    await expectIntact(service, result);
  });

  it('loses the service in the middle of a load', async () => {
    const result = await load(async () => {
      await service.kill('SIGKILL');
      service = await service.restart({ EVENTSTOREDB_URL: store.url });
    });
    await expectIntact(service, result);
  });

  it('answers nothing for a while', async () => {
    const readiness = new ReadinessLog(() => service.url);
    const result = await load(async () => {
      store.faults.freeze();
      await seconds(20);
      store.faults.thaw();
    });
    expect(await readiness.stop()).toEqual(expect.arrayContaining([200, 503]));
    await expectIntact(service, result);
  });

  it('loses connections in the middle of appends', async () => {
    const result = await load(async () => {
      for (const afterWriting of [0, 1, 2]) {
        store.faults.cutDuringAppends({ afterWriting });
        await seconds(0.5);
      }
    });
    await expectIntact(service, result);
  });

  it('writes appends and answers that it failed', async () => {
    const result = await load(async () => {
      store.faults.writeThenFail(5);
      await seconds(0.5);
    });
    await expectIntact(service, result);
  });

  it('ends subscriptions as if that were in order', async () => {
    const result = await load(async () => {
      for (let time = 0; time < 3; time += 1) {
        store.faults.endSubscriptions();
        await seconds(0.3);
      }
    });
    await expectIntact(service, result);
  });

  it('is too busy', async () => {
    const result = await load(async () => {
      store.faults.refuse('too-busy', { times: 20 });
      await seconds(0.5);
      store.faults.accept();
    });
    await expectIntact(service, result);
  });
});

describe('a service whose event store is away at its start', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tessera-faults-'));
  });
  afterEach(() => {
    killServices();
    rmSync(folder, { recursive: true, force: true });
  });

  it('says so, is not ready, and recovers by itself', async () => {
    const store = await startEventStoreDbStandIn();
    await store.kill();
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const env = { EVENTSTOREDB_URL: store.url, TESSERA_PORT: String(port) };
    const starting = startService({ dataDir: join(folder, 'data'), env });
    const answer = async (path: string): Promise<Response> => {
      for (;;) {
        const response = await fetch(url + path).catch(() => undefined);
        if (response !== undefined) return response;
        await seconds(0.05);
      }
    };

    const ready = await answer('/health/ready');
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({ status: 'not-ready', reasons: [expect.stringContaining('')] });
    expect((await answer('/health/live')).status).toBe(200);
    const refused = await answer('/v1/profiles');
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await refused.json()).toMatchObject({ code: 'NOT_READY' });

    await store.restart();
    const service = await starting;
    expect(service.stderr).toContain('an engine is away: the service waits for it');
    expect((await service.fetch('/health/ready')).status).toBe(200);
    await defineCrm(service);
    expect(await service.kill('SIGTERM')).toMatchObject({ code: 0 });
    await store.stop();
    reportEngine('read store', testEngines.store);
  });
});
