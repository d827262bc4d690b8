// What EventStoreDB and its client allow with nothing of ours in between: the same lines, in the same batches (one append
// for what a request has for one owner, each request after the one before on one of two connections), then a catch-up
// subscription over all of them. A process of its own: node bare-limit-eventstoredb.js <folder> <url>
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { binaryEvent, EventStoreDBClient, NO_STREAM, START, streamNameFilter } from '@eventstore/db-client';
import type { BareLimit } from './bare-limit.js';

const CONNECTIONS = 2;
/** As many calls at once as the adapter allows itself. */
const CALLS_IN_FLIGHT = 32;
const SEARCH_WINDOW = 1_000;

interface Append {
  readonly stream: string;
  readonly lines: readonly string[];
}

function ownerOf(line: string): string {
  const { customerId, identityMap } = JSON.parse(line) as {
    readonly customerId?: string;
    readonly identityMap?: { readonly BASKET?: readonly { readonly id: string }[] };
  };
  return customerId ?? identityMap?.BASKET?.[0]?.id ?? '';
}

/** The appends of each request. */
function* requests(folder: string, prefix: string): Generator<readonly Append[]> {
  const lines = readFileSync(join(folder, 'lines.ndjson'), 'utf8').trimEnd().split('\n');
  const batches = JSON.parse(readFileSync(join(folder, 'batches.json'), 'utf8')) as readonly number[];
  let next = 0;
  let request = 0;
  for (const size of batches) {
    const byOwner = new Map<string, string[]>();
    for (const line of lines.slice(next, next + size)) {
      const owner = ownerOf(line);
      byOwner.set(owner, [...(byOwner.get(owner) ?? []), line]);
    }
    next += size;
    // A stream of its own for each: then the exact revision is known, as the service would have to find it out.
    yield [...byOwner].map(([owner, own]) => ({ stream: `${prefix}${owner}-${request}`, lines: own }));
    request += 1;
  }
}

async function bareLimit(folder: string, url: string): Promise<BareLimit> {
  const prefix = `bare-${randomUUID()}_`;
  const prepared = [...requests(folder, prefix)];
  const client = EventStoreDBClient.connectionString(url);
  const encoder = new TextEncoder();

  let inFlight = 0;
  const waiting: (() => void)[] = [];
  const append = async ({ stream, lines }: Append): Promise<void> => {
    if (inFlight >= CALLS_IN_FLIGHT) await new Promise<void>((go) => waiting.push(go));
    inFlight += 1;
    const events = lines.map((line) => binaryEvent({ type: 'Bare', data: encoder.encode(line) }));
    await client.appendToStream(stream, events, { expectedRevision: NO_STREAM });
    inFlight -= 1;
    waiting.shift()?.();
  };
  const appendStarted = performance.now();
  let next = 0;
  const connection = async (): Promise<void> => {
    for (let request = prepared[next++]; request; request = prepared[next++]) await Promise.all(request.map(append));
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  const appendMs = performance.now() - appendStarted;

  const items = prepared.flat().reduce((sum, { lines }) => sum + lines.length, 0);
  const readStarted = performance.now();
  let readBack = 0;
  const filter = streamNameFilter({ prefixes: [prefix], maxSearchWindow: SEARCH_WINDOW });
  // From the start of the log, as a rebuild reads it: what others have there is skipped by the server.
  for await (const { event } of client.subscribeToAll({ fromPosition: START, filter })) {
    if (event !== undefined) readBack += 1;
    if (readBack === items) break;
  }
  const readBackMs = performance.now() - readStarted;
  return { items, appendMs, readBackMs };
}

const [folder, url] = process.argv.slice(2);
if (folder !== undefined && url !== undefined) {
  process.stdout.write(JSON.stringify(await bareLimit(folder, url)));
  // The client may wait for a subscription that was left early.
  process.exit(0);
}
