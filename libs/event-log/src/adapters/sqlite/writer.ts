import { once } from 'node:events';
import { Worker, type MessagePort } from 'node:worker_threads';

import { TesseraError, type ErrorCode } from '#core';

import type { LogFileOptions } from './log-file.js';
import { WriterHost } from './writer-host.js';

/** The writer of a file as the thread sees it that opened the log. */
export interface Writer {
  /** Gives the other end of a client's port to the writer. */
  connect(port: MessagePort): void;
  /** Commits what has arrived and ends. */
  close(): Promise<void>;
}

export type ThreadCommand = { readonly kind: 'connect'; readonly port: MessagePort } | { readonly kind: 'close' };

export type ThreadReport =
  { readonly kind: 'open' } | { readonly kind: 'refused'; readonly code: ErrorCode; readonly message: string };

/** In the calling thread, which waits for every commit: for tests and tools. Throws what `openForWriting` does. */
export function startInlineWriter(options: LogFileOptions): Writer {
  const host = new WriterHost(options);
  return {
    connect: (port) => host.connect(port),
    close: async () => host.close(),
  };
}

/** In a thread of its own. `entry` is the built `writer-thread.js`. Rejects with what `openForWriting` throws. */
export async function startThreadWriter(options: LogFileOptions, entry: URL): Promise<Writer> {
  const worker = new Worker(entry, { workerData: options, name: 'event-log-writer', execArgv: [] });
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  // Its clients learn of its end by their ports; without a listener the error would end the process.
  worker.on('error', () => undefined);
  await opened(worker, exited);
  const tell = (command: ThreadCommand, transfer: readonly MessagePort[] = []): void =>
    worker.postMessage(command, transfer);
  return {
    connect: (port) => tell({ kind: 'connect', port }, [port]),
    async close() {
      tell({ kind: 'close' });
      await exited;
    },
  };
}

async function opened(worker: Worker, exited: Promise<void>): Promise<void> {
  let report: ThreadReport | undefined;
  let cause: unknown;
  // By listeners of its own: a thread that refuses ends at once, and the promises of `once` come later than its end.
  worker.once('message', (first: ThreadReport) => (report = first));
  worker.once('error', (error) => (cause = error));
  await Promise.race([once(worker, 'message'), exited]).catch(() => undefined);
  if (report === undefined) {
    throw new TesseraError('LOG_UNAVAILABLE', 'The writer of the event log did not start', { cause });
  }
  if (report.kind === 'refused') throw new TesseraError(report.code, report.message);
}
