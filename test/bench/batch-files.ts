// What batch files cost beside requests of items: the same retail events as requests, and as one file of each format.
// Every row on a fresh service and data folder. A process of its own:
// node dist/test/bench/batch-files.js <online-retail.csv.gz> [<events>, 500000 by default]
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadBatch } from '../../apps/cli/src/load/batch-load.js';
import { uploadSource } from '../../apps/cli/src/load/upload-source.js';
import { realWaiting } from '../../apps/cli/src/service/backoff.js';
import { ServiceClient } from '../../apps/cli/src/service/service-client.js';
import type { RetailEvent } from '../../apps/cli/src/retail/retail-event.js';
import { defineCatalog, SANDBOX, WARM_UP_SANDBOX } from './catalog.js';
import { seededRandom } from './random.js';
import { readyRequests } from './requests.js';
import { FILE_FORMATS, type FileFormat, writeEvents } from './retail-files.js';
import { FULL_SCALES } from './scales.js';
import { type ServiceProcess, startServiceProcess } from './service-process.js';
import { runIngest } from './threads.js';
import { type BenchItem, readRows, workload } from './workload.js';

const [file, events = '500000'] = process.argv.slice(2);
const MEGABYTE = 1024 * 1024;
const WHOLE_FILE = 541_909;
/** Of the names of goods: so the file of half of the events is of 100 MB, although Parquet compresses. */
const NOISE_CHARACTERS = 420;

type Row = readonly [what: string, items: number, megabytes: number, visiblePerSecond: number, peakMegabytes: number];

if (file === undefined) throw new Error('say which file: the whole UCI "Online Retail" file as CSV; may be gzipped');
const rows = await readRows(file, WHOLE_FILE);
const wanted = Number(events);

const table: Row[] = [await measure('requests of 2,000 items, 2 connections')];
for (const format of FILE_FORMATS) table.push(await measure(format, format));
table.push(await measure('parquet, names that do not compress', 'parquet', wanted / 2, NOISE_CHARACTERS));

process.stdout.write(
  '\n| how | items | MB | visible items/s | peak memory of `serve`, MB |\n| --- | --- | --- | --- | --- |\n',
);
for (const [what, ...numbers] of table) {
  const cells = numbers.map((number) => Math.round(number).toLocaleString('en'));
  process.stdout.write(`| ${[what, ...cells].join(' | ')} |\n`);
}

/** Sends events as requests, or as one file where a format is named. */
async function measure(what: string, format?: FileFormat, count = wanted, noise = 0): Promise<Row> {
  process.stderr.write(`${what}\n`);
  const folder = mkdtempSync(join(tmpdir(), 'tessera-bench-'));
  const removed = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  process.once('exit', removed);
  const items = purchases();
  const warmUp = [...take(items, FULL_SCALES.warmUpItems)];
  const path = join(folder, `events.${format ?? 'ndjson'}`);
  const requests = format === undefined ? [...readyRequests(take(items, count), FULL_SCALES.itemsPerRequest)] : [];
  if (format !== undefined) writeEvents(path, format, withNoise(take(items, count), noise));
  const bytes =
    format === undefined ? requests.reduce((sum, { body }) => sum + body.byteLength, 0) : statSync(path).size;

  const service = await startServiceProcess(folder, 0, { choice: 'embedded', env: {} });
  await defineCatalog(service.url);
  const flood = (sandbox: string, ready: typeof requests) =>
    runIngest({
      url: service.url,
      sandbox,
      requests: ready,
      how: { mode: 'flood', connections: FULL_SCALES.connections },
    });
  await flood(WARM_UP_SANDBOX, [...readyRequests(warmUp, FULL_SCALES.itemsPerRequest)]);
  const milliseconds =
    format === undefined ? (await flood(SANDBOX, requests)).visibleMs : await loadFile(service, path, format, count);
  const peak = service.peakMemory() ?? Number.NaN;
  await service.stop();
  process.removeListener('exit', removed);
  removed();
  const row: Row = [what, count, bytes / MEGABYTE, (count * 1000) / milliseconds, peak / MEGABYTE];
  process.stderr.write(`${JSON.stringify(row)}\n`);
  return row;
}

/** From the first byte sent until the batch is successful, which says that its rows are visible. */
async function loadFile({ url }: ServiceProcess, path: string, format: FileFormat, count: number): Promise<number> {
  const client = new ServiceClient({ url, sandbox: SANDBOX });
  const started = performance.now();
  const { accepted } = await loadBatch(client, uploadSource(path), {
    dataset: 'purchases',
    query: { format },
    refusedRows: 'first',
    waiting: realWaiting,
    patienceMs: 0,
    onRetry: () => undefined,
    onProgress: () => undefined,
    onRefused: ({ line, code }) => process.stderr.write(`line ${line}: ${code}\n`),
  });
  const milliseconds = performance.now() - started;
  client.close();
  if (accepted !== count) throw new Error(`${accepted} of ${count} rows were accepted`);
  return milliseconds;
}

/** Events of one dataset, as a file is for one. */
function* purchases(): Generator<BenchItem> {
  for (const item of workload('easy', rows).events) if (item.dataset === 'purchases') yield item;
}

function* take(items: Generator<BenchItem>, most: number): Generator<BenchItem> {
  for (let taken = 0; taken < most; taken += 1) yield items.next().value as BenchItem;
}

function withNoise(items: Iterable<BenchItem>, characters: number): readonly RetailEvent[] {
  const random = seededRandom(characters);
  const text = (): string => Array.from({ length: characters }, () => letter(random())).join('');
  return Array.from(items, ({ text: json }): RetailEvent => {
    const event = JSON.parse(json) as RetailEvent;
    return characters === 0 ? event : { ...event, name: text() };
  });
}

function letter(random: number): string {
  return String.fromCharCode(33 + Math.floor(random * 90));
}
