import { describe, expect, it } from '@jest/globals';

import type { Decision } from '#catalog';

import {
  abortBatch,
  completeBatch,
  endRevert,
  endValidation,
  evolveBatch,
  failBatch,
  progressBatch,
  receiveBatch,
  rejectRows,
  revertBatch,
  startValidation,
} from './batch.decider.js';
import type { BatchEvent } from './batch.events.js';
import type { Batch, ReceivedFile } from './batch.js';
import { RowTally } from './row-tally.js';

const FILE: ReceivedFile = {
  id: 'ab'.repeat(16),
  sandbox: 'aaaaaaaa',
  sandboxName: 'prod',
  dataset: 'orders',
  kind: 'event',
  format: 'csv',
  bytes: 100,
  content: 'cd'.repeat(16),
  partialIngestionPercentage: 5,
  spool: 'spool-1',
};

const rows = (read: number, rejected = 0, accepted = 0) => ({ read, accepted, rejected, duplicates: 0 });
const RESULT = { rows: rows(100, 5, 95), errors: [{ code: 'SCHEMA_VIOLATION' as const, count: 5 }], warnings: [] };

type Command = (batch: Batch) => Decision<BatchEvent>;

const start: Command = (batch) => startValidation(batch);
const accept: Command = (batch) => endValidation(batch, RESULT);
const complete: Command = (batch) => completeBatch(batch, RESULT);

/** A batch to which these commands have happened, each at its number in seconds. */
function given(...commands: readonly Command[]): Batch {
  let batch = evolved(undefined, receiveBatch(FILE), 0);
  commands.forEach((command, index) => (batch = evolved(batch, command(batch), (index + 1) * 1_000)));
  return batch;
}

function evolved(batch: Batch | undefined, decision: Decision<BatchEvent>, at: number): Batch {
  if (!('events' in decision)) throw new Error(`no events: ${JSON.stringify(decision)}`);
  return decision.events.reduce<Batch | undefined>((state, event) => evolveBatch(state, { event, at }), batch) as Batch;
}

const codeOf = (decision: Decision<BatchEvent>): string =>
  decision.outcome === 'refused' ? decision.refusal.code : decision.outcome;

describe('a batch', () => {
  it('goes from received over validating and processing to success', () => {
    expect(given()).toMatchObject({ status: 'received', startedAt: 0, rows: rows(0) });
    expect(given(start)).toMatchObject({ status: 'validating' });
    expect(given(start, accept)).toMatchObject({
      status: 'processing',
      acceptedAt: 2_000,
      rows: rows(100, 5),
      settled: 0,
    });
    expect(given(start, accept, complete)).toMatchObject({ status: 'success', endedAt: 3_000, ...RESULT });
  });

  it('remembers up to which row it is settled', () => {
    const progress: Command = (batch) => progressBatch(batch, 50, { rows: rows(50, 1, 49), errors: [], warnings: [] });
    expect(given(start, accept, progress)).toMatchObject({
      status: 'processing',
      settled: 50,
      rows: rows(100, 5, 49),
      soFar: { rows: rows(50, 1, 49) },
    });
  });

  it('begins its first pass again after a crash, and only that one', () => {
    expect(given(start, start).status).toBe('validating');
    expect(codeOf(startValidation(given(start, accept)))).toBe('CONCURRENT_CHANGE');
  });

  it.each([
    [100, 5, 'processing', undefined],
    [100, 6, 'failed', 'TOO_MANY_BAD_ROWS'],
    [19, 1, 'failed', 'TOO_MANY_BAD_ROWS'],
    [20, 1, 'processing', undefined],
    [0, 0, 'failed', 'FILE_EMPTY'],
  ])('with %d rows of which %d are bad is %s', (read, rejected, status, code) => {
    const batch = given(start, (one) => endValidation(one, { rows: rows(read, rejected), errors: [], warnings: [] }));
    expect(batch.status).toBe(status);
    expect(batch.failure?.code).toBe(code);
    expect(batch.rows).toEqual(rows(read, rejected));
  });

  it('can be told to take any share of bad rows', () => {
    const lenient = { ...given(start), partialIngestionPercentage: 100 };
    expect(codeOf(endValidation(lenient, { rows: rows(4, 4), errors: [], warnings: [] }))).toBe('changed');
    expect(evolved(lenient, endValidation(lenient, { rows: rows(4, 4), errors: [], warnings: [] }), 9).status).toBe(
      'processing',
    );
  });

  it('is aborted until it appends, and then no more', () => {
    const abort: Command = (batch) => abortBatch(batch);
    expect(given(abort)).toMatchObject({ status: 'aborted', endedAt: 1_000 });
    expect(given(start, abort).status).toBe('aborted');
    expect(codeOf(abortBatch(given(abort)))).toBe('unchanged');
    expect(codeOf(abortBatch(given(start, accept)))).toBe('BATCH_NOT_ABORTABLE');
    expect(codeOf(abortBatch(given(start, accept, complete)))).toBe('BATCH_NOT_ABORTABLE');
  });

  it('that was aborted takes nothing more from the pass that was under way', () => {
    const aborted = given(start, (batch) => abortBatch(batch));
    const row = { line: 1, code: 'SCHEMA_VIOLATION' as const, errors: [] };
    expect(codeOf(rejectRows(aborted, [row]))).toBe('CONCURRENT_CHANGE');
    expect(codeOf(endValidation(aborted, RESULT))).toBe('CONCURRENT_CHANGE');
    expect(codeOf(failBatch(aborted, 'SPOOL_LOST', ''))).toBe('CONCURRENT_CHANGE');
  });

  it('of events is reverted when it was successful', () => {
    const revert: Command = (batch) => revertBatch(batch, 'job-1');
    const end: Command = (batch) => endRevert(batch, 3);
    expect(given(start, accept, complete, revert)).toMatchObject({ status: 'success', revertJob: 'job-1' });
    expect(given(start, accept, complete, revert, end)).toMatchObject({ status: 'reverted', revertJob: 'job-1' });
    expect(codeOf(endRevert(given(start, accept, complete), 3))).toBe('CONCURRENT_CHANGE');
    expect(codeOf(revertBatch(given(start, accept, complete, revert), 'job-2'))).toBe('unchanged');
    expect(codeOf(revertBatch(given(start, accept), 'job-1'))).toBe('BATCH_NOT_REVERTIBLE');
    expect(codeOf(revertBatch({ ...given(start, accept, complete), kind: 'record' }, 'j'))).toBe(
      'BATCH_NOT_REVERTIBLE',
    );
  });
});

describe('the tally of a pass', () => {
  it('goes on from where an earlier one ended', () => {
    const first = new RowTally();
    first.accept('NOT_ENABLED');
    first.reject('SCHEMA_VIOLATION');
    const second = new RowTally(first.result);
    second.duplicate();
    second.reject('MALFORMED_ROW');
    second.reject('MALFORMED_ROW');
    expect(second.rows).toEqual({ read: 5, accepted: 1, rejected: 3, duplicates: 1 });
    expect(second.result.warnings).toEqual([{ code: 'NOT_ENABLED', count: 1 }]);
    expect(second.result.errors).toEqual([
      { code: 'MALFORMED_ROW', count: 2 },
      { code: 'SCHEMA_VIOLATION', count: 1 },
    ]);
  });
});
