import { Worker } from 'node:worker_threads';
import type { IngestResult, IngestTask } from './ingest.worker.js';
import type { LookupResult, LookupTask } from './lookup.worker.js';

/** Sends requests from a thread of its own. The bodies are handed over, not copied: they are gone here afterwards. */
export function runIngest(task: IngestTask): Promise<IngestResult> {
  const bodies = task.requests.map(({ body }) => body.buffer);
  return resultOf<IngestResult>(
    new Worker(new URL('./ingest.worker.js', import.meta.url), { workerData: task, transferList: bodies }),
  );
}

/** Looks profiles up from a thread of its own for as long as `beside` runs. */
export async function runLookupsBeside<T>(
  task: Omit<LookupTask, 'stop'>,
  beside: () => Promise<T>,
): Promise<{ readonly result: T; readonly lookups: LookupResult }> {
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(new URL('./lookup.worker.js', import.meta.url), { workerData: { ...task, stop } });
  const lookups = resultOf<LookupResult>(worker);
  // Heard again below; when the load fails first, its error is the one to tell.
  lookups.catch(() => undefined);
  try {
    const result = await beside();
    Atomics.store(stop, 0, 1);
    return { result, lookups: await lookups };
  } catch (error) {
    await worker.terminate();
    throw error;
  }
}

function resultOf<T>(worker: Worker): Promise<T> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`a thread of the client ended with ${code} and no result`)));
  });
}
