import { hash } from 'node:crypto';
import { isJsonObject } from '#core';
import type { IngestAnswer, ItemResult } from '../service/answers.js';
import { type RetryOptions, untilTaken } from '../service/backoff.js';
import { problemOf, type ServiceClient } from '../service/service-client.js';
import type { Chunk } from './chunk.js';
import type { ChunkOutcome, RefusedItem } from './tally.js';

export interface SendOptions extends RetryOptions {
  /** Have every refused item named; an answer names the first 1,000 results otherwise. */
  readonly results: 'first' | 'all';
}

/** Statuses that speak of the items one by one. */
const ITEM_STATUSES = new Set([202, 207, 422]);

/**
 * Sends a chunk until the service has taken it, the same bytes under the same key each time. Events carry their ids,
 * and so may records; for those that do not the key stands in. Throws a `CliError` when the chunk as a whole is refused.
 */
export async function sendChunk(
  client: Pick<ServiceClient, 'call'>,
  chunk: Chunk,
  options: SendOptions,
): Promise<ChunkOutcome> {
  const query = options.results === 'all' ? '?results=all' : '';
  const path = `/v1/datasets/${encodeURIComponent(chunk.dataset)}/${chunk.kind}${query}`;
  const headers = {
    'content-type': 'application/x-ndjson',
    ...(chunk.kind === 'records' && { 'idempotency-key': chunkKey(chunk) }),
  };
  const where = { method: 'POST', path };
  const answer = await untilTaken(() => client.call({ ...where, headers, body: chunk.body }), where, options);
  const body = ITEM_STATUSES.has(answer.status) ? ingestAnswer(answer.text) : undefined;
  // 422 may also speak of the request as a whole.
  if (body === undefined) throw problemOf(answer, where);
  const token = answer.headers['x-consistency-token'];
  return outcomeOf(body, chunk, typeof token === 'string' ? token : undefined);
}

/** Place and content of the chunk: a repeat of the file gives the same key, equal chunks further on give others. */
export function chunkKey({ dataset, number, body }: Chunk): string {
  return `load-${hash('sha256', dataset, 'hex').slice(0, 16)}-${number}-${hash('sha256', body, 'hex').slice(0, 32)}`;
}

function outcomeOf(answer: IngestAnswer, chunk: Chunk, token: string | undefined): ChunkOutcome {
  const { accepted, duplicates, rejected, results } = answer;
  const refused = results.filter(({ status }) => status === 'rejected').map((result) => refusedItem(result, chunk));
  const warnings: Record<string, number> = {};
  for (const { status, code } of results) {
    if (status === 'accepted' && code !== undefined) warnings[code] = (warnings[code] ?? 0) + 1;
  }
  return { accepted, duplicates, rejected, refused, warnings, token };
}

function refusedItem({ line, code = 'REJECTED', errors = [] }: ItemResult, { dataset, fileLine }: Chunk): RefusedItem {
  const [first] = errors;
  return {
    dataset,
    line: line === undefined ? undefined : fileLine(line),
    code,
    message: first === undefined ? '' : [first.path, first.message].filter((text) => text !== '').join(': '),
  };
}

function ingestAnswer(text: string): IngestAnswer | undefined {
  try {
    const parsed = JSON.parse(text) as unknown;
    return isJsonObject(parsed) && 'accepted' in parsed ? (parsed as unknown as IngestAnswer) : undefined;
  } catch {
    return undefined;
  }
}
