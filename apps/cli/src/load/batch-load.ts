import { CliError, EXIT } from '../cli-error.js';
import type { BatchAnswer, ReceivedBatchAnswer, RejectedRowAnswer } from '../service/answers.js';
import { type RetryOptions, untilTaken } from '../service/backoff.js';
import { problemOf, type ServiceClient } from '../service/service-client.js';
import type { LoadTally, RefusedItem } from './tally.js';
import type { UploadSource } from './upload-source.js';

export interface BatchLoadOptions extends RetryOptions {
  readonly dataset: string;
  /** Of the upload: format, share of bad rows and so on, as the service takes them. */
  readonly query: Readonly<Record<string, string>>;
  /** Told about four times a second, with the batch once the file has arrived. */
  readonly onProgress: (batch: BatchAnswer | undefined) => void;
  /** How many refused rows are asked for. */
  readonly refusedRows: 'first' | 'all';
  readonly onRefused: (item: RefusedItem) => void;
}

const LOOK_EVERY_MS = 250;
/** On a screen; all that the service keeps are some pages. */
const FIRST_ROWS = 10;
const PAGE_ROWS = 1_000;
const OPEN = new Set<BatchAnswer['status']>(['received', 'validating', 'processing']);

/**
 * Uploads a file and follows its batch to the end. A file that was loaded before is not loaded again: its rows count as
 * there already. Throws a `CliError` when the batch does not succeed, after telling the rows that were refused.
 */
export async function loadBatch(
  client: Pick<ServiceClient, 'call'>,
  source: UploadSource,
  options: BatchLoadOptions,
): Promise<LoadTally> {
  const received = await upload(client, source, options);
  const batch = await ended(client, received.id, options);
  if (batch.rows.rejected > 0) await tellRefused(client, batch, options);
  if (batch.status !== 'success') throw unsuccessful(batch);
  return tallyOf(batch, received);
}

async function upload(
  client: Pick<ServiceClient, 'call'>,
  source: UploadSource,
  options: BatchLoadOptions,
): Promise<ReceivedBatchAnswer> {
  const { dataset, query, onProgress } = options;
  const path = `/v1/datasets/${encodeURIComponent(dataset)}/batches?${new URLSearchParams(query).toString()}`;
  const where = { method: 'POST', path };
  const headers = {
    'content-type': 'application/octet-stream',
    ...(source.totalBytes !== undefined && { 'content-length': source.totalBytes }),
  };
  const shown = setInterval(() => onProgress(undefined), LOOK_EVERY_MS);
  try {
    // The whole file again: what the service has taken it then recognises as the same.
    const answer = await untilTaken(() => client.call({ ...where, headers, body: source.open() }), where, options);
    if (answer.status !== 202 && answer.status !== 200) throw problemOf(answer, where);
    return JSON.parse(answer.text) as ReceivedBatchAnswer;
  } finally {
    clearInterval(shown);
  }
}

/** A restart of the service is no end of a batch: it goes on afterwards. */
async function ended(client: Pick<ServiceClient, 'call'>, id: string, options: BatchLoadOptions): Promise<BatchAnswer> {
  for (;;) {
    const batch = (await getJson(client, `/v1/batches/${id}`, options)) as BatchAnswer;
    options.onProgress(batch);
    if (!OPEN.has(batch.status)) return batch;
    await options.waiting.sleep(LOOK_EVERY_MS);
  }
}

async function tellRefused(
  client: Pick<ServiceClient, 'call'>,
  { id }: BatchAnswer,
  options: BatchLoadOptions,
): Promise<void> {
  const { dataset, refusedRows, onRefused } = options;
  const limit = refusedRows === 'first' ? FIRST_ROWS : PAGE_ROWS;
  for (let cursor: string | undefined = ''; cursor !== undefined;) {
    const path = `/v1/batches/${id}/rejected?limit=${limit}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`;
    const page = (await getJson(client, path, options)) as {
      readonly items: readonly RejectedRowAnswer[];
      readonly next?: string;
    };
    for (const row of page.items) onRefused(refusedItem(dataset, row));
    cursor = refusedRows === 'first' ? undefined : page.next;
  }
}

function refusedItem(dataset: string, { line, code, errors: [first] }: RejectedRowAnswer): RefusedItem {
  const message = first === undefined ? '' : [first.path, first.message].filter((text) => text !== '').join(': ');
  return { dataset, line, code, message };
}

async function getJson(client: Pick<ServiceClient, 'call'>, path: string, options: RetryOptions): Promise<unknown> {
  const where = { method: 'GET', path };
  const answer = await untilTaken(() => client.call({ ...where, headers: {} }), where, options);
  if (answer.status !== 200) throw problemOf(answer, where);
  return JSON.parse(answer.text) as unknown;
}

function unsuccessful({ id, status, failure }: BatchAnswer): CliError {
  const reason = failure === undefined ? `the batch is ${status}` : `${failure.code}: ${failure.message}`;
  return new CliError(`nothing more is loaded of batch ${id}: ${reason}`, { exitStatus: EXIT.failed });
}

function tallyOf({ rows, warnings }: BatchAnswer, { duplicateOf, status }: ReceivedBatchAnswer): LoadTally {
  const before = duplicateOf !== undefined && status !== 'received';
  return {
    accepted: before ? 0 : rows.accepted,
    duplicates: rows.duplicates + (before ? rows.accepted : 0),
    rejected: rows.rejected,
    warnings: Object.fromEntries(warnings.map(({ code, count }) => [code, count])),
    token: undefined,
  };
}
