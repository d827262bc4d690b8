import { type Command, Option } from 'commander';
import { CliError, EXIT, type ExitStatus } from '../cli-error.js';
import { loadBatch } from '../load/batch-load.js';
import { withBatchProgress } from '../load/batch-progress.js';
import type { ItemKind } from '../load/chunk.js';
import { sendChunk } from '../load/chunk-sender.js';
import { delimiterOfName, formatOfName, LOAD_FORMATS, type LoadFormat } from '../load/file-format.js';
import { load } from '../load/load.js';
import { loadSummary, withLoadProgress } from '../load/load-progress.js';
import { RefusedItems } from '../load/refused-items.js';
import { retailChunks } from '../load/retail-chunks.js';
import { openSource } from '../load/source.js';
import type { LoadTally, RefusedItem } from '../load/tally.js';
import { uploadSource } from '../load/upload-source.js';
import { RETAIL_DATASETS, type RetailDataset } from '../retail/retail-items.js';
import { realWaiting } from '../service/backoff.js';
import { ServiceClient } from '../service/service-client.js';
import { untilVisible } from '../service/visibility.js';
import { note, print } from '../terminal/output.js';
import { standardError } from '../terminal/progress.js';
import { addCommand, addressOf, exitWith, type ServiceOptions, wholeNumber, withServiceOptions } from './command.js';

interface LoadCommandOptions extends ServiceOptions {
  readonly dataset?: string;
  readonly kind?: ItemKind;
  readonly format?: LoadFormat;
  readonly delimiter?: string;
  readonly maxBad: number;
  readonly force?: true;
  readonly chunk: number;
  readonly connections: number;
  readonly retryFor: number;
  readonly errors?: string;
  readonly wait?: true;
}

export function addLoadCommand(program: Command): void {
  const command = addCommand(program, {
    usage: 'load <file>',
    summary: 'load a file into a dataset; can be repeated',
    description:
      'Load a file into a dataset: CSV with a header of dotted paths, Parquet, NDJSON, or a JSON array, gzipped or not. ' +
      'The file is uploaded, validated as a whole, and then loaded; the command ends when its rows are visible. It can ' +
      'be repeated: what is there already counts as a duplicate, a file that was loaded before is not loaded again. ' +
      'With - it reads standard input.',
    examples: [
      ['load customers.csv --dataset crm', 'the columns are named after the paths of the schema'],
      ['load orders.parquet --dataset orders --max-bad 0', 'all rows or none'],
      ['load - --dataset crm --errors refused.ndjson < crm.ndjson', 'keep the refused rows'],
      ['load examples/retail/online-retail-sample.csv.gz --format retail', 'the example, all three datasets'],
    ],
    statuses: '0 every row was accepted or is there already, 1 some were refused, 2 the load did not finish',
  });
  withServiceOptions(command)
    .option('--dataset <id>', 'dataset of the rows (retail: only this one of the three)')
    .addOption(
      new Option('--kind <kind>', 'kind of the rows (default: what the schema says)').choices(['records', 'events']),
    )
    .addOption(
      new Option('--format <format>', 'format of the file (default: by its name, else ndjson)').choices(LOAD_FORMATS),
    )
    .addOption(
      new Option('--delimiter <name>', 'between the cells of CSV (default: comma; of .tsv: tab)').choices([
        'comma',
        'semicolon',
        'tab',
        'pipe',
      ]),
    )
    .option('--max-bad <percent>', 'load nothing when more rows are bad', wholeNumber(0, 100), 5)
    .option('--force', 'load the file again though it was loaded before')
    // 2,000 items and 2 connections: more of either makes the service no faster and a repeat longer.
    .option('--chunk <items>', 'retail: items in one request', wholeNumber(1, 100_000), 2_000)
    .option('--connections <number>', 'retail: requests under way at a time', wholeNumber(1, 64), 2)
    .option('--retry-for <seconds>', 'how long to repeat a request that nobody takes', wholeNumber(0, 86_400), 60)
    .option('--errors <file>', 'write every refused row to this file, as NDJSON (of a batch: the first 10,000)')
    .option('--wait', 'retail: end only when everything is visible in profiles; other files always do')
    .action(exitWith(runLoad));
}

async function runLoad(file: string, options: LoadCommandOptions): Promise<ExitStatus> {
  const client = new ServiceClient(addressOf(options), options.connections);
  const refused = new RefusedItems(options.errors);
  const started = standardError.now();
  let rejected = 0;
  try {
    const load = (options.format ?? formatOfName(file)) === 'retail' ? loadRetail : loadFile;
    const tally = await load(client, file, options, (item) => {
      rejected += 1;
      refused.add(item);
    });
    rejected = tally.rejected;
    print(loadSummary(tally, (standardError.now() - started) / 1000));
    return rejected > 0 ? EXIT.findings : EXIT.done;
  } finally {
    refused.lines(rejected).forEach(note);
    refused.close();
    client.close();
  }
}

type Load = (
  client: ServiceClient,
  file: string,
  options: LoadCommandOptions,
  onRefused: (item: RefusedItem) => void,
) => Promise<LoadTally>;

/** One batch. */
const loadFile: Load = async (client, file, options, onRefused) => {
  const { dataset, format = formatOfName(file), kind, maxBad, force } = options;
  const delimiter = options.delimiter ?? (format === 'csv' ? delimiterOfName(file) : undefined);
  if (dataset === undefined) throw new CliError('say which dataset the rows are for: --dataset <id>');
  const source = uploadSource(file);
  const holds = await kindOf(client, dataset);
  if (kind !== undefined && kind !== holds) throw new CliError(`WRONG_CLASS: the dataset ${dataset} holds ${holds}`);
  return withBatchProgress(source, standardError, ({ show, retry }) =>
    loadBatch(client, source, {
      dataset,
      query: {
        format,
        partialIngestionPercentage: String(maxBad),
        ...(delimiter !== undefined && { delimiter }),
        ...(force && { force: 'true' }),
      },
      waiting: realWaiting,
      patienceMs: options.retryFor * 1000,
      onRetry: retry,
      onProgress: show,
      refusedRows: options.errors === undefined ? 'first' : 'all',
      onRefused,
    }),
  );
};

/** The file of the example becomes items of three datasets, in chunks that are cut here. */
const loadRetail: Load = async (client, file, options, onRefused) => {
  const { dataset, chunk: itemsPerChunk, connections } = options;
  if (dataset !== undefined && !isRetailDataset(dataset)) {
    throw new CliError(`the retail file has the datasets ${Object.keys(RETAIL_DATASETS).join(', ')}, no "${dataset}"`);
  }
  const source = openSource(file);
  // So that a service that is not there shows before the file is read.
  await client.get('/v1/datasets');
  const steps = retailChunks(source.content, { itemsPerChunk, ...(dataset && { dataset }) });
  return withLoadProgress(source, standardError, async (progress) => {
    const sending = {
      waiting: realWaiting,
      patienceMs: options.retryFor * 1000,
      onRetry: progress.retry,
      results: options.errors === undefined ? ('first' as const) : ('all' as const),
    };
    const total = await load(steps, {
      connections,
      send: (chunk) => sendChunk(client, chunk, sending),
      onProgress: progress.tally,
      onRefused,
    });
    if (options.wait && total.token !== undefined) await untilVisible(client, total.token, progress.waiting);
    return total;
  });
};

function isRetailDataset(dataset: string): dataset is RetailDataset {
  return Object.hasOwn(RETAIL_DATASETS, dataset);
}

/** What the dataset takes, by the class of its schema. */
async function kindOf(client: ServiceClient, dataset: string): Promise<ItemKind> {
  const { schema } = (await client.get(`/v1/datasets/${encodeURIComponent(dataset)}`)).body as { schema: string };
  const { class: itemClass } = (await client.get(`/v1/schemas/${encodeURIComponent(schema)}`)).body as {
    class: string;
  };
  return itemClass === 'experienceevent' ? 'events' : 'records';
}
