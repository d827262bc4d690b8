import { STREAM_PREFIX, type ErrorCode, type SandboxId } from '#core';

import type { ReceivedFile } from './batch.js';
import type { PassResult } from './pass-result.js';
import type { RejectedRow } from './rejected-row.js';

/** Events of batch streams. These strings are in logs for ever. */
export const BATCH_RECEIVED = 'BatchReceived';
/** The first pass begins, again after a crash: what an earlier attempt refused no longer counts. */
export const BATCH_VALIDATION_STARTED = 'BatchValidationStarted';
export const BATCH_ROWS_REJECTED = 'BatchRowsRejected';
/** The first pass is over and the second begins. */
export const BATCH_ACCEPTED = 'BatchAccepted';
/** Everything up to a row is in the log: where the second pass goes on after a crash. */
export const BATCH_PROGRESSED = 'BatchProgressed';
export const BATCH_COMPLETED = 'BatchCompleted';
export const BATCH_FAILED = 'BatchFailed';
export const BATCH_ABORTED = 'BatchAborted';
/** Somebody wants its rows out of the profiles again; the job is under way. */
export const BATCH_REVERT_REQUESTED = 'BatchRevertRequested';
export const BATCH_REVERTED = 'BatchReverted';

export type BatchEvent =
  | { readonly type: typeof BATCH_RECEIVED; readonly data: ReceivedFile }
  | { readonly type: typeof BATCH_VALIDATION_STARTED; readonly data: Record<string, never> }
  | { readonly type: typeof BATCH_ROWS_REJECTED; readonly data: { readonly rows: readonly RejectedRow[] } }
  | { readonly type: typeof BATCH_ACCEPTED; readonly data: PassResult }
  | { readonly type: typeof BATCH_PROGRESSED; readonly data: PassResult & { readonly settled: number } }
  | { readonly type: typeof BATCH_COMPLETED; readonly data: PassResult }
  | {
      readonly type: typeof BATCH_FAILED;
      readonly data: Partial<PassResult> & { readonly code: ErrorCode; readonly message: string };
    }
  | { readonly type: typeof BATCH_ABORTED; readonly data: Record<string, never> }
  | { readonly type: typeof BATCH_REVERT_REQUESTED; readonly data: { readonly job: string } }
  | { readonly type: typeof BATCH_REVERTED; readonly data: { readonly fragments: number } };

/** An event and when it happened, epoch milliseconds. */
export interface RecordedBatchEvent {
  readonly event: BatchEvent;
  readonly at: number;
}

const TYPES: readonly string[] = [
  BATCH_RECEIVED,
  BATCH_VALIDATION_STARTED,
  BATCH_ROWS_REJECTED,
  BATCH_ACCEPTED,
  BATCH_PROGRESSED,
  BATCH_COMPLETED,
  BATCH_FAILED,
  BATCH_ABORTED,
  BATCH_REVERT_REQUESTED,
  BATCH_REVERTED,
] satisfies BatchEvent['type'][];

/** `undefined` for a type that this version does not know. */
export function decodeBatchEvent(type: string, data: string): BatchEvent | undefined {
  return TYPES.includes(type) ? ({ type, data: JSON.parse(data) as unknown } as BatchEvent) : undefined;
}

const BATCH_ID = /^[0-9a-f]{32}$/;

export function isBatchId(text: string): boolean {
  return BATCH_ID.test(text);
}

/** `batch_<sandbox>-<id>`. */
export function batchStream(sandbox: SandboxId, id: string): string {
  return `${STREAM_PREFIX.batch}${sandbox}-${id}`;
}
