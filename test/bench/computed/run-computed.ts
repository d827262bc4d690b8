import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { followJob, jobSeconds, runJob } from '../../../apps/cli/src/service/job.js';
import { ServiceClient } from '../../../apps/cli/src/service/service-client.js';
import { defineCatalog, SANDBOX, WARM_UP_SANDBOX } from '../catalog.js';
import { benchClient } from '../client.js';
import type { BenchEngines } from '../engines.js';
import { type LatencySummary, summarize } from '../percentiles.js';
import { readyRequests } from '../requests.js';
import { diskUse, type ServiceProcess, withServiceProcess } from '../service-process.js';
import { runIngest } from '../threads.js';
import type { BenchItem, Workload } from '../workload.js';
import { BENCH_ATTRIBUTES, type BenchAttribute } from './bench-attributes.js';

/** What a number of published attributes costs. Rates are per second, sizes in bytes. */
export interface ComputedReport {
  readonly attributes: number;
  readonly events: number;
  readonly visiblePerSecond: number;
  /** CPU time of the service, which other work on the machine changes less than rates: microseconds. */
  readonly cpuPerEvent: number | undefined;
  /** Not told of servers, which others may use too. */
  readonly readStorePerEvent: number | undefined;
  /** Of a profile with `READ_EVENTS` events, one request at a time. */
  readonly read: LatencySummary;
  readonly rebuildPerSecond: number;
  /** One more attribute, published over all of that. */
  readonly publishPerSecond: number;
}

export interface ComputedOptions {
  readonly workload: Workload;
  readonly rows: number;
  /** How many attributes. */
  readonly attributes: number;
  readonly port: number;
  readonly engines: BenchEngines;
  readonly announce: (step: string) => void;
}

/** Events of the profile that is read, evenly over the year before. */
export const READ_EVENTS = 5_000;
const READER = 'reader';
const YEAR_MS = 365 * 86_400_000;
const READS = 2_000;
const WARM_UP_READS = 200;
const WARM_UP_EVENTS = 20_000;
const ITEMS_PER_REQUEST = 2_000;
const CONNECTIONS = 2;

/** Measures the whole file with so many attributes on a fresh data folder, and removes it. */
export async function runComputed(options: ComputedOptions): Promise<ComputedReport> {
  const { workload, rows, attributes, port, engines, announce } = options;
  const folder = mkdtempSync(join(tmpdir(), 'tessera-bench-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  process.once('exit', remove);
  try {
    const [warmUp, load, reader] = [
      [...readyRequests(taken(workload, WARM_UP_EVENTS), ITEMS_PER_REQUEST)],
      [...readyRequests(taken(workload, rows), ITEMS_PER_REQUEST)],
      [...readyRequests(readerEvents(Date.now()), ITEMS_PER_REQUEST)],
    ];
    const events = rows + READ_EVENTS;
    const loaded = await withServiceProcess(folder, port, engines, async (service) => {
      await defineCatalog(service.url);
      for (const sandbox of [SANDBOX, WARM_UP_SANDBOX]) {
        const client = new ServiceClient({ url: service.url, sandbox });
        for (const attribute of BENCH_ATTRIBUTES.slice(0, attributes)) await publish(client, attribute);
        client.close();
      }
      announce('warming up');
      const how = { mode: 'flood', connections: CONNECTIONS } as const;
      await runIngest({ url: service.url, sandbox: WARM_UP_SANDBOX, requests: warmUp, how });
      announce('loading as fast as it goes');
      const cpuBefore = service.cpuSeconds();
      const { items, visibleMs } = await runIngest({ url: service.url, sandbox: SANDBOX, requests: load, how });
      const cpuAfter = service.cpuSeconds();
      await runIngest({ url: service.url, sandbox: SANDBOX, requests: reader, how });
      announce(`reading a profile of ${READ_EVENTS} events`);
      return { items, visibleMs, cpuBefore, cpuAfter, read: await readProfile(service) };
    });
    const disk = engines.choice === 'embedded' ? diskUse(folder) : undefined;

    const { publishSeconds, rebuildSeconds } = await withServiceProcess(folder, port, engines, async (service) => {
      const client = new ServiceClient({ url: service.url, sandbox: SANDBOX });
      announce('publishing one more over all of that');
      const oneMore = { name: 'oneMore', body: { aggregate: 'SUM', path: 'priceTotal' } };
      const took = await publish(client, oneMore);
      announce('rebuilding');
      const job = await runJob(client, '/v1/projections/profile/rebuild', () => undefined);
      client.close();
      return { publishSeconds: took, rebuildSeconds: jobSeconds(job) };
    });
    const { items, visibleMs, cpuBefore, cpuAfter, read } = loaded;
    const all = events + WARM_UP_EVENTS;
    return {
      attributes,
      events: items,
      visiblePerSecond: (items * 1_000) / visibleMs,
      cpuPerEvent:
        cpuBefore === undefined || cpuAfter === undefined ? undefined : ((cpuAfter - cpuBefore) * 1e6) / items,
      readStorePerEvent: disk && disk.readStore / all,
      read,
      rebuildPerSecond: all / rebuildSeconds,
      publishPerSecond: events / publishSeconds,
    };
  } finally {
    process.removeListener('exit', remove);
    remove();
  }
}

function* taken({ events }: Workload, count: number): Generator<BenchItem> {
  for (let index = 0; index < count; index += 1) yield events.next().value;
}

function* readerEvents(now: number): Generator<BenchItem> {
  for (let index = 0; index < READ_EVENTS; index += 1) {
    const event = {
      _id: `read-${index}`,
      timestamp: new Date(now - (index * YEAR_MS) / READ_EVENTS).toISOString(),
      eventType: 'commerce.purchases',
      customerId: READER,
      sku: `SKU${index % 500}`,
      quantity: (index % 24) + 1,
      unitPrice: ((index % 900) + 100) / 100,
      priceTotal: ((index % 24) + 1) * 2.5,
    };
    yield { dataset: 'purchases', profilePath: `/v1/profiles/CRMID/${READER}`, text: JSON.stringify(event) };
  }
}

async function readProfile({ url }: ServiceProcess): Promise<LatencySummary> {
  const client = benchClient(url, 1);
  const latencies: number[] = [];
  for (let index = -WARM_UP_READS; index < READS; index += 1) {
    const start = performance.now();
    if (!(await client.read(`/v1/profiles/CRMID/${READER}`, SANDBOX))) throw new Error('the profile is not there');
    if (index >= 0) latencies.push(performance.now() - start);
  }
  client.close();
  return summarize(latencies) as LatencySummary;
}

/** Answers how long it took until the attribute was complete, in seconds. */
async function publish(client: ServiceClient, { name, body }: BenchAttribute): Promise<number> {
  await client.send('PUT', `/v1/computed-attributes/${name}`, body);
  const published = await client.send('POST', `/v1/computed-attributes/${name}/publish`, {});
  return jobSeconds(await followJob(client, (published.body as { readonly job: string }).job, () => undefined));
}
