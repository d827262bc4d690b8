import type { ErrorCode, SandboxId } from '#core';

import type { FileFormat } from './rows/file-format.js';
import type { CodeCount, PassResult, RowCounts } from './pass-result.js';

export const BATCH_STATUSES = [
  'received',
  'validating',
  'processing',
  'success',
  'failed',
  'aborted',
  'reverted',
] as const;
export type BatchStatus = (typeof BATCH_STATUSES)[number];

/** What is known of a file when it has arrived. */
export interface ReceivedFile {
  readonly id: string;
  readonly sandbox: SandboxId;
  /** Name of the sandbox, by which its catalog is found. */
  readonly sandboxName: string;
  readonly dataset: string;
  readonly kind: 'record' | 'event';
  readonly format: FileFormat;
  /** Of CSV: what stands between two cells. */
  readonly delimiter?: string;
  /** As it was sent: compressed where it was. */
  readonly bytes: number;
  /** Keyed hash of sandbox, dataset and content, hexadecimal. */
  readonly content: string;
  /** Per cent of the rows, 0 to 100. */
  readonly partialIngestionPercentage: number;
  /** Id of the spool that holds the file. */
  readonly spool: string;
  /** An earlier batch with the same content, when this one was forced. */
  readonly duplicateOf?: string;
}

/** One file on its way into a dataset. */
export interface Batch extends ReceivedFile {
  readonly status: BatchStatus;
  readonly rows: RowCounts;
  /** Refused rows by code, most frequent first. */
  readonly errors: readonly CodeCount[];
  /** Rows that were accepted with a warning, by code. */
  readonly warnings: readonly CodeCount[];
  /** Epoch milliseconds. */
  readonly startedAt: number;
  /** When the second pass began, epoch milliseconds: no row was appended before. */
  readonly acceptedAt?: number;
  readonly endedAt?: number;
  /** Rows that the second pass has settled: it goes on behind them. */
  readonly settled: number;
  /** What became of those rows. */
  readonly soFar?: PassResult;
  readonly failure?: { readonly code: ErrorCode; readonly message: string };
  /** The job that takes the rows out again. */
  readonly revertJob?: string;
}

/** Whether its rows are being taken out of the profiles. */
export function isReverting({ status, revertJob }: Pick<Batch, 'status' | 'revertJob'>): boolean {
  return status === 'success' && revertJob !== undefined;
}

/** Whether it is on its way to its first end. */
export function isOpen({ status }: Pick<Batch, 'status'>): boolean {
  return status === 'received' || status === 'validating' || status === 'processing';
}
