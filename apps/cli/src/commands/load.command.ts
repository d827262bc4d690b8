import { type Command, Option } from 'commander';
import { CliError, EXIT, type ExitStatus } from '../cli-error.js';
import type { ItemKind, LoadStep } from '../load/chunk.js';
import { sendChunk } from '../load/chunk-sender.js';
import { load } from '../load/load.js';
import { loadSummary, withLoadProgress } from '../load/load-progress.js';
import { ndjsonChunks } from '../load/ndjson-chunks.js';
import { RefusedItems } from '../load/refused-items.js';
import { retailChunks } from '../load/retail-chunks.js';
import { openSource, type Source } from '../load/source.js';
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
  readonly format: 'ndjson' | 'retail';
  readonly chunk: number;
  readonly connections: number;
  readonly retryFor: number;
  readonly errors?: string;
  readonly wait?: true;
}

export function addLoadCommand(program: Command): void {
  const command = addCommand(program, {
    usage: 'load <file>',
    summary: 'send a file of items to a dataset; can be repeated',
    description:
      'Send a file of items to a dataset, a chunk at a time. It can be repeated: what is there already counts as a ' +
      'duplicate (records without a $messageId are recognised when file, order and --chunk are the same). ' +
      'The file may be gzipped; - is standard input.',
    examples: [
      ['load orders.ndjson --dataset orders', 'one item a line'],
      ['load examples/retail/online-retail-sample.csv.gz --format retail', 'the example, all three datasets'],
      ['load - --dataset crm --errors refused.ndjson < crm.ndjson', 'keep the refused items'],
    ],
    statuses: '0 every item was accepted or is there already, 1 some were refused, 2 the load did not finish',
  });
  withServiceOptions(command)
    .option('--dataset <id>', 'dataset of the items (retail: only this one of the three)')
    .addOption(
      new Option('--kind <kind>', 'kind of the items (default: what the schema says)').choices(['records', 'events']),
    )
    .addOption(new Option('--format <format>', 'format of the file').choices(['ndjson', 'retail']).default('ndjson'))
    // 2,000 items and 2 connections: more of either makes the service no faster and a repeat longer.
    .option('--chunk <items>', 'items in one request', wholeNumber(1, 100_000), 2_000)
    .option('--connections <number>', 'requests under way at a time; records go one by one', wholeNumber(1, 64), 2)
    .option('--retry-for <seconds>', 'how long to repeat a request that nobody takes', wholeNumber(0, 86_400), 60)
    .option('--errors <file>', 'write every refused item to this file, as NDJSON')
    .option('--wait', 'end only when everything is visible in profiles')
    .action(exitWith(runLoad));
}

async function runLoad(file: string, options: LoadCommandOptions): Promise<ExitStatus> {
  const client = new ServiceClient(addressOf(options), options.connections);
  const refused = new RefusedItems(options.errors);
  const now = standardError.now;
  try {
    const source = openSource(file);
    const { steps, connections } = await planOf(source, options, client);
    const started = now();
    const tally = await withLoadProgress(source, standardError, async (progress) => {
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
        onRefused: (item) => refused.add(item),
      });
      if (options.wait && total.token !== undefined) await untilVisible(client, total.token, progress.waiting);
      return total;
    });
    refused.lines(tally.rejected).forEach(note);
    print(loadSummary(tally, (now() - started) / 1000));
    return tally.rejected > 0 ? EXIT.findings : EXIT.done;
  } finally {
    refused.close();
    client.close();
  }
}

interface Plan {
  readonly steps: AsyncGenerator<LoadStep>;
  readonly connections: number;
}

async function planOf(source: Source, options: LoadCommandOptions, client: ServiceClient): Promise<Plan> {
  const { dataset, chunk: itemsPerChunk, connections } = options;
  if (options.format === 'retail') {
    if (dataset !== undefined && !isRetailDataset(dataset)) {
      throw new CliError(
        `the retail file has the datasets ${Object.keys(RETAIL_DATASETS).join(', ')}, no "${dataset}"`,
      );
    }
    // So that a service that is not there shows before the file is read.
    await client.get('/v1/datasets');
    return { steps: retailChunks(source.content, { itemsPerChunk, ...(dataset && { dataset }) }), connections };
  }
  if (dataset === undefined) throw new CliError('say which dataset the items are for: --dataset <id>');
  const kind = options.kind ?? (await kindOf(client, dataset));
  const steps = ndjsonChunks(source.content, { dataset, kind, itemsPerChunk });
  // A later record replaces an earlier one: two on their way at once could arrive the wrong way round.
  return { steps, connections: kind === 'records' ? 1 : connections };
}

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
