import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jobSeconds, runJob } from '../../apps/cli/src/service/job.js';
import { ServiceClient } from '../../apps/cli/src/service/service-client.js';
import { runBareLimit, writeBareLimitInput } from './bare-limit-process.js';
import { defineCatalog, SANDBOX, WARM_UP_SANDBOX } from './catalog.js';
import { benchClient } from './client.js';
import type { BenchEngines } from './engines.js';
import type { IngestResult } from './ingest.worker.js';
import { type LatencySummary, summarize } from './percentiles.js';
import { preparePart, type PreparedPart } from './prepared-part.js';
import type { LoadReport, Part, PartReport, SaturatedReport, SteadyReport } from './report.js';
import type { ReadyRequest } from './requests.js';
import type { Scales } from './scales.js';
import { diskUse, type ServiceProcess, withServiceProcess } from './service-process.js';
import { runIngest, runLookupsBeside } from './threads.js';
import type { Workload } from './workload.js';

export interface PartOptions {
  readonly part: Part;
  readonly workload: Workload;
  /** How many rows of the file the part has. */
  readonly rows: number;
  readonly scales: Scales;
  /** 0 = any that is free. */
  readonly port: number;
  readonly engines: BenchEngines;
  /** Said before each step, for whoever waits. */
  readonly announce: (step: string) => void;
}

/** Measures one part of the file on a fresh data folder, and removes it. */
export async function runPart(options: PartOptions): Promise<PartReport> {
  const { part, workload, rows, scales, port, engines, announce } = options;
  const folder = mkdtempSync(join(tmpdir(), 'tessera-bench-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  process.once('exit', remove);
  try {
    announce('preparing requests');
    const prepared = preparePart(workload, rows, scales);
    const items = prepared.totalItems;
    writeBareLimitInput(folder, prepared.load);

    const measured = await withServiceProcess(folder, port, engines, async (service) => {
      await defineCatalog(service.url);
      const phases = new Phases(service.url, prepared, scales, announce);
      await phases.warmUp();
      const load = await phases.load();
      await phases.warmUpLookups();
      const steady = await phases.steady();
      return { load, steady, saturated: await phases.saturated(), peak: service.peakMemory() };
    });
    // Before the rebuild, which leaves the version before it for rollback.
    const disk = engines.choice === 'embedded' ? diskUse(folder) : undefined;

    announce(`rebuilding from ${items} events`);
    const rebuilt = await withServiceProcess(folder, port, engines, async (service) => ({
      seconds: await rebuild(service),
      peak: service.peakMemory(),
      restartSeconds: service.readyMs / 1000,
    }));
    const { load, steady, saturated } = measured;

    announce('bare limit');
    const bareLimit = await runBareLimit(folder, engines);
    return {
      variant: workload.variant,
      part,
      workload: workload.description,
      load,
      steady,
      saturated,
      rebuild: { events: items, seconds: rebuilt.seconds, perSecond: items / rebuilt.seconds },
      disk: disk && { items, logPerItem: disk.log / items, readStorePerItem: disk.readStore / items },
      peakMemory:
        measured.peak === undefined || rebuilt.peak === undefined
          ? (measured.peak ?? rebuilt.peak)
          : Math.max(measured.peak, rebuilt.peak),
      restartSeconds: rebuilt.restartSeconds,
      bareLimit,
    };
  } finally {
    process.removeListener('exit', remove);
    remove();
  }
}

const WARM_UP_CONNECTIONS = 8;

/** The phases that need the freshly started service, in their order. */
class Phases {
  constructor(
    private readonly url: string,
    private readonly prepared: PreparedPart,
    private readonly scales: Scales,
    private readonly announce: (step: string) => void,
  ) {}

  async warmUp(): Promise<void> {
    this.announce(`warming up with ${this.scales.warmUpItems} items`);
    await this.#flood(this.prepared.warmUp, WARM_UP_SANDBOX);
  }

  /** After the load, as it needs profiles to read. */
  async warmUpLookups(): Promise<void> {
    const { warmUpLookups } = this.scales;
    const { profilePaths } = this.prepared;
    this.announce(`warming up with ${warmUpLookups} lookups`);
    const client = benchClient(this.url, WARM_UP_CONNECTIONS);
    let next = 0;
    const connection = async (): Promise<void> => {
      while (next < warmUpLookups) await client.read(profilePaths[next++ % profilePaths.length] ?? '', SANDBOX);
    };
    await Promise.all(Array.from({ length: WARM_UP_CONNECTIONS }, connection));
    client.close();
  }

  async load(): Promise<LoadReport> {
    const { itemsPerRequest, connections } = this.scales;
    this.announce('loading as fast as it goes');
    const before = process.cpuUsage();
    const { items, bytes, acknowledgedMs, visibleMs } = await this.#flood(this.prepared.load);
    const { user, system } = process.cpuUsage(before);
    return {
      items,
      itemsPerRequest,
      connections,
      bytesPerItem: bytes / items,
      acknowledgedPerSecond: perSecond(items, acknowledgedMs),
      visiblePerSecond: perSecond(items, visibleMs),
      clientCores: (user + system) / 1000 / visibleMs,
    };
  }

  async steady(): Promise<SteadyReport> {
    const { steadyItemsPerSecond, steadyItemsPerRequest, steadySeconds, lookupsPerSecond } = this.scales;
    this.announce(`${steadyItemsPerSecond} items/s beside ${lookupsPerSecond} lookups/s for ${steadySeconds} s`);
    const how = { mode: 'steady', requestsPerSecond: steadyItemsPerSecond / steadyItemsPerRequest } as const;
    const { result, lookups } = await this.#withLookups(() =>
      runIngest({ url: this.url, sandbox: SANDBOX, requests: this.prepared.steady, how }),
    );
    return {
      itemsPerSecond: steadyItemsPerSecond,
      itemsPerRequest: steadyItemsPerRequest,
      seconds: steadySeconds,
      ack: summaryOf(result.ackMs),
      lag: summaryOf(result.lagMs),
      lookupsPerSecond,
      lookup: summaryOf(lookups.latenciesMs),
      lookupFailures: lookups.failures,
    };
  }

  async saturated(): Promise<SaturatedReport> {
    const { itemsPerRequest, lookupsPerSecond } = this.scales;
    this.announce(`as fast as it goes beside ${lookupsPerSecond} lookups/s`);
    const { result, lookups } = await this.#withLookups(() => this.#flood(this.prepared.saturated));
    return {
      items: result.items,
      itemsPerRequest,
      acknowledgedPerSecond: perSecond(result.items, result.acknowledgedMs),
      visiblePerSecond: perSecond(result.items, result.visibleMs),
      lookupsPerSecond,
      lookup: summaryOf(lookups.latenciesMs),
      lookupFailures: lookups.failures,
    };
  }

  #flood(requests: readonly ReadyRequest[], sandbox = SANDBOX): Promise<IngestResult> {
    const how = { mode: 'flood', connections: this.scales.connections } as const;
    return runIngest({ url: this.url, sandbox, requests, how });
  }

  #withLookups<T>(work: () => Promise<T>) {
    const { profilePaths } = this.prepared;
    const ratePerSecond = this.scales.lookupsPerSecond;
    return runLookupsBeside({ url: this.url, sandbox: SANDBOX, profilePaths, ratePerSecond }, work);
  }
}

async function rebuild({ url }: ServiceProcess): Promise<number> {
  const client = new ServiceClient({ url, sandbox: SANDBOX });
  try {
    return jobSeconds(await runJob(client, '/v1/projections/profile/rebuild', () => undefined));
  } finally {
    client.close();
  }
}

function summaryOf(milliseconds: readonly number[]): LatencySummary {
  const summary = summarize(milliseconds);
  if (summary === undefined) throw new Error('a phase ended before anything was measured');
  return summary;
}

function perSecond(count: number, milliseconds: number): number {
  return (count * 1000) / milliseconds;
}
