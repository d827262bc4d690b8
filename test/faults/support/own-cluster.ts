import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from '@jest/globals';

import { defineCrm } from '../../support/crm-catalog.js';
import { startCuttingProxy, type CuttingProxy } from '../../support/cutting-proxy.js';
import { reportEngine } from '../../support/engines.js';
import { freePort } from '../../support/free-port.js';
import { startWireProxy, type WireProxy } from '../../support/mongodb/wire-proxy.js';
import { OwnServer } from '../../support/own-server.js';
import { startProjector, type ProjectorProcess } from '../../support/projector.js';
import { startService, type Service } from '../../support/service.js';
import { expectBoundedMemory, expectIntact, ReadinessLog } from './expectations.js';
import { loadSteadily, type SteadyLoadResult } from './steady-load.js';

/** How to start real servers in the foreground, such as `mongod --bind_ip 127.0.0.1 --port {port} --dbpath {folder}`. */
const EVENT_STORE = process.env['TESSERA_TEST_EVENTSTOREDB_COMMAND'];
const DATABASE = process.env['TESSERA_TEST_MONGODB_COMMAND'];
export const hasOwnServers = EVENT_STORE !== undefined && DATABASE !== undefined;

export const seconds = (count: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, count * 1_000));

/** An API and a projector, each a process, on real servers that a spec may kill, with proxies in between. */
export class OwnCluster {
  projector!: ProjectorProcess;
  service!: Service;
  readonly env: Readonly<Record<string, string>>;

  private constructor(
    private readonly folder: string,
    readonly eventStore: OwnServer,
    readonly connections: CuttingProxy,
    readonly database: OwnServer,
    readonly databaseProxy: WireProxy,
  ) {
    this.env = {
      EVENTSTOREDB_URL: `esdb://127.0.0.1:${connections.port}?tls=false`,
      MONGODB_URL: databaseProxy.url,
      TESSERA_STREAM_PREFIX: 'spec.',
      TESSERA_NAMING_SECRET: 'ab'.repeat(32),
      TESSERA_PROJECTOR: 'elsewhere',
    };
  }

  /** Resolves when everything is ready and the catalog is there. */
  static async start(): Promise<OwnCluster> {
    const folder = mkdtempSync(join(tmpdir(), 'tessera-own-servers-'));
    const eventStore = new OwnServer(EVENT_STORE ?? '', await freePort(), join(folder, 'event-store'));
    const database = new OwnServer(DATABASE ?? '', await freePort(), join(folder, 'database'));
    await Promise.all([eventStore.start(), database.start()]);
    const connections = await startCuttingProxy(eventStore.port);
    const databaseProxy = await startWireProxy(urlOf(database));
    const cluster = new OwnCluster(folder, eventStore, connections, database, databaseProxy);
    cluster.projector = await startProjector(cluster.env);
    cluster.service = await startService({ dataDir: join(folder, 'data'), env: cluster.env });
    await cluster.untilReady();
    reportEngine('event log', 'eventstoredb');
    reportEngine('read store', 'mongodb');
    await defineCrm(cluster.service);
    return cluster;
  }

  /** Of the database, with no proxy in between. */
  get databaseUrl(): string {
    return urlOf(this.database);
  }

  async untilReady(): Promise<void> {
    while ((await this.service.fetch('/health/ready')).status !== 200) await seconds(0.1);
  }

  async restartService(): Promise<void> {
    await this.service.kill('SIGKILL');
    this.service = await this.service.restart(this.env);
  }

  /** `meanwhile` runs while no projector works. */
  async restartProjector(meanwhile: () => Promise<void> = async () => undefined): Promise<void> {
    await this.projector.end('SIGKILL');
    await meanwhile();
    this.projector = await startProjector(this.env);
  }

  /** A load in the middle of which something happens; answers also what was said of readiness meanwhile. */
  async load(fault: () => Promise<void>): Promise<SteadyLoadResult & { readonly readiness: readonly number[] }> {
    const readiness = new ReadinessLog(() => this.service.url);
    const url = (): string => this.service.url;
    const result = await loadSteadily({
      url,
      requests: 60,
      itemsPerRequest: 40,
      inFlight: 4,
      fault: { after: 20, make: fault },
    }).finally(() => readiness.stop());
    return { ...result, readiness: readiness.statuses };
  }

  async expectIntactAndReady(result: SteadyLoadResult): Promise<void> {
    await expectIntact(this.service, result);
    expectBoundedMemory(this.projector.pid);
    expect((await this.service.fetch('/health/ready')).status).toBe(200);
  }

  /** The processes of Tessera are ended by `killServices` and `killProjectors`, also those of a failed start. */
  async stop(): Promise<void> {
    await Promise.all([this.connections.stop(), this.databaseProxy.stop()]);
    await Promise.all([this.eventStore.end(), this.database.end()]);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function urlOf(database: OwnServer): string {
  return `mongodb://127.0.0.1:${database.port}/tessera`;
}
