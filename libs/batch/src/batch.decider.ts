import { changed, created, refused, unchanged, type Decision } from '#catalog';
import type { ErrorCode } from '#core';

import { isOpen, isReverting, type Batch, type ReceivedFile } from './batch.js';
import {
  BATCH_ABORTED,
  BATCH_ACCEPTED,
  BATCH_COMPLETED,
  BATCH_FAILED,
  BATCH_PROGRESSED,
  BATCH_RECEIVED,
  BATCH_REVERT_REQUESTED,
  BATCH_REVERTED,
  BATCH_ROWS_REJECTED,
  BATCH_VALIDATION_STARTED,
  type BatchEvent,
  type RecordedBatchEvent,
} from './batch.events.js';
import type { PassResult, RowCounts } from './pass-result.js';
import type { RejectedRow } from './rejected-row.js';

const NO_ROWS: RowCounts = { read: 0, accepted: 0, rejected: 0, duplicates: 0 };

/** Folds a batch's stream; `undefined` before its first event. */
export function evolveBatch(batch: Batch | undefined, { event, at }: RecordedBatchEvent): Batch | undefined {
  if (event.type === BATCH_RECEIVED) {
    return { ...event.data, status: 'received', rows: NO_ROWS, errors: [], warnings: [], startedAt: at, settled: 0 };
  }
  if (batch === undefined) return undefined;
  switch (event.type) {
    case BATCH_VALIDATION_STARTED:
      return { ...batch, status: 'validating' };
    case BATCH_ROWS_REJECTED:
      return batch;
    case BATCH_ACCEPTED:
      return { ...batch, status: 'processing', ...event.data, acceptedAt: at };
    case BATCH_PROGRESSED: {
      const { settled, ...soFar } = event.data;
      // How many rows there are, and how many of them are bad, is known since the first pass.
      const { accepted, duplicates } = soFar.rows;
      return { ...batch, settled, soFar, warnings: soFar.warnings, rows: { ...batch.rows, accepted, duplicates } };
    }
    case BATCH_COMPLETED:
      return { ...batch, status: 'success', ...event.data, settled: event.data.rows.read, endedAt: at };
    case BATCH_FAILED: {
      const { code, message, ...found } = event.data;
      return { ...batch, ...found, status: 'failed', failure: { code, message }, endedAt: at };
    }
    case BATCH_ABORTED:
      return { ...batch, status: 'aborted', endedAt: at };
    case BATCH_REVERT_REQUESTED:
      return { ...batch, revertJob: event.data.job };
    case BATCH_REVERTED:
      return { ...batch, status: 'reverted' };
  }
}

/** A file has arrived. */
export function receiveBatch(file: ReceivedFile): Decision<BatchEvent> {
  return created({ type: BATCH_RECEIVED, data: file });
}

/** The first pass begins, for the first time or anew. */
export function startValidation(batch: Batch): Decision<BatchEvent> {
  if (batch.status !== 'received' && batch.status !== 'validating') return notOpen(batch);
  return changed({ type: BATCH_VALIDATION_STARTED, data: {} });
}

/** Keeps rows that the first pass refused. */
export function rejectRows(batch: Batch, rows: readonly RejectedRow[]): Decision<BatchEvent> {
  if (batch.status !== 'validating') return notOpen(batch);
  return changed({ type: BATCH_ROWS_REJECTED, data: { rows } });
}

/** The first pass is over: accepted, or failed when there are no rows, or more bad ones than the batch allows. */
export function endValidation(batch: Batch, { rows, errors, warnings }: PassResult): Decision<BatchEvent> {
  if (batch.status !== 'validating') return notOpen(batch);
  const { read, rejected } = rows;
  const nothing = { rows: { ...rows, accepted: 0, duplicates: 0 }, errors, warnings };
  if (read === 0) return changed(failed('FILE_EMPTY', 'The file has no rows.', nothing));
  const allowed = batch.partialIngestionPercentage;
  if (rejected * 100 > allowed * read) {
    const message = `${rejected} of ${read} rows are bad, more than ${allowed} per cent: no row was loaded.`;
    return changed(failed('TOO_MANY_BAD_ROWS', message, nothing));
  }
  // What is bad is known now; what is accepted is known when it is in the log.
  return changed({ type: BATCH_ACCEPTED, data: nothing });
}

/** The first `settled` rows are in the log, or counted as refused or duplicates. */
export function progressBatch(batch: Batch, settled: number, result: PassResult): Decision<BatchEvent> {
  if (batch.status !== 'processing') return notOpen(batch);
  return changed({ type: BATCH_PROGRESSED, data: { settled, ...result } });
}

/** Every row is in the log and visible. */
export function completeBatch(batch: Batch, result: PassResult): Decision<BatchEvent> {
  if (batch.status !== 'processing') return notOpen(batch);
  return changed({ type: BATCH_COMPLETED, data: result });
}

export function failBatch(batch: Batch, code: ErrorCode, message: string, result?: PassResult): Decision<BatchEvent> {
  if (!isOpen(batch)) return notOpen(batch);
  return changed(failed(code, message, result));
}

/** Ends a batch that has not begun to append. */
export function abortBatch(batch: Batch): Decision<BatchEvent> {
  if (batch.status === 'aborted') return unchanged;
  if (batch.status === 'received' || batch.status === 'validating') return changed({ type: BATCH_ABORTED, data: {} });
  return refused('BATCH_NOT_ABORTABLE', `The batch is ${batch.status}: only one that appends nothing yet is aborted.`);
}

/** Asks for the rows of a batch to leave the profiles again. `unchanged`: that was asked before. */
export function revertBatch(batch: Batch, job: string): Decision<BatchEvent> {
  if (batch.kind === 'record') {
    return refused('BATCH_NOT_REVERTIBLE', 'Records overwrite what was there: a batch of them cannot be reverted.');
  }
  if (batch.revertJob !== undefined) return unchanged;
  if (batch.status !== 'success') {
    return refused('BATCH_NOT_REVERTIBLE', `The batch is ${batch.status}: only a successful one is reverted.`);
  }
  return changed({ type: BATCH_REVERT_REQUESTED, data: { job } });
}

/** The rows are gone from `fragments` fragments. */
export function endRevert(batch: Batch, fragments: number): Decision<BatchEvent> {
  return isReverting(batch) ? changed({ type: BATCH_REVERTED, data: { fragments } }) : notOpen(batch);
}

function failed(code: ErrorCode, message: string, result: Partial<PassResult> = {}): BatchEvent {
  return { type: BATCH_FAILED, data: { code, message, ...result } };
}

/** Somebody has ended the batch, or moved it on. */
function notOpen({ status }: Batch) {
  return refused('CONCURRENT_CHANGE', `The batch is ${status}.`);
}
