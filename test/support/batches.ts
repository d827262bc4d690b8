import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import type { JsonAnswer } from './fetch-json.js';
import type { Service } from './service.js';

/** A batch as HTTP answers it. */
export interface SentBatch {
  readonly id: string;
  readonly dataset: string;
  readonly status: string;
  readonly rows: {
    readonly read: number;
    readonly accepted: number;
    readonly rejected: number;
    readonly duplicates: number;
  };
  readonly errors: readonly { readonly code: string; readonly count: number }[];
  readonly warnings: readonly { readonly code: string; readonly count: number }[];
  readonly failure?: { readonly code: string; readonly message: string };
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly duplicateOf?: string;
}

const LOOK_MILLISECONDS = 20;
const OPEN = ['received', 'validating', 'processing'];

/** Uploads a file; `path` such as `orders/batches?format=csv`. */
export function sendFile(
  service: Service,
  path: string,
  file: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): Promise<JsonAnswer> {
  const any = { 'content-type': 'application/octet-stream', ...headers };
  return service.fetch(`/v1/datasets/${path}`, { body: file, headers: any });
}

/** Uploads a file that must be taken, and answers the batch's id. */
export async function givenBatch(service: Service, path: string, file: string | Uint8Array): Promise<string> {
  const { status, body } = await sendFile(service, path, file);
  if (status !== 202) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`);
  return (body as { readonly id: string }).id;
}

export async function batchOf(service: Service, id: string): Promise<SentBatch> {
  const { status, body } = await service.fetch(`/v1/batches/${id}`);
  if (status !== 200) throw new Error(`${id}: ${status} ${JSON.stringify(body)}`);
  return body as SentBatch;
}

/** Looks at the batch again and again until it is as wanted. Throws when it has ended otherwise. */
export async function batchWhen(
  service: Service,
  id: string,
  wanted: (batch: SentBatch) => boolean,
): Promise<SentBatch> {
  for (;;) {
    const batch = await batchOf(service, id);
    if (wanted(batch)) return batch;
    if (!OPEN.includes(batch.status)) throw new Error(`the batch has ended: ${JSON.stringify(batch)}`);
    await delay(LOOK_MILLISECONDS);
  }
}

/** Waits for the end of the batch. */
export function endOfBatch(service: Service, id: string): Promise<SentBatch> {
  return batchWhen(service, id, ({ status }) => !OPEN.includes(status));
}

/** Uploads a file and waits for the end of its batch. */
export async function loaded(service: Service, path: string, file: string | Uint8Array): Promise<SentBatch> {
  return endOfBatch(service, await givenBatch(service, path, file));
}

/** Waits until no file is kept any more: those of ended batches go a moment after their ends are told. */
export async function spoolIsEmpty(service: Service): Promise<void> {
  while (spooledFiles(service).length > 0) await delay(LOOK_MILLISECONDS);
}

export function spooledFiles(service: Service): readonly string[] {
  return readdirSync(join(service.dataDir, 'spool'));
}
