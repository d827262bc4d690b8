import { setImmediate as nextTurn } from 'node:timers/promises';

import { endValidation, MAX_REJECTED_ROWS, rejectedRow, rejectRows, RowTally, startValidation } from '#batch';
import type { FileRow, RejectedRow } from '#batch';
import type { Clock } from '#core';

import type { BatchSetup } from './batch-setup.js';
import type { BatchAtRevision, BatchStreams } from './batch-streams.js';

/** One event of them: an engine takes about a megabyte in one, and a row's errors are some hundred bytes. */
const ROWS_PER_EVENT = 200;

export interface FirstPass {
  readonly streams: BatchStreams;
  readonly clock: Clock;
  readonly setup: BatchSetup;
  readonly rows: AsyncIterable<readonly FileRow[]>;
  readonly signal: AbortSignal;
}

/**
 * Validates every row and appends nothing but what is wrong with them. Between two slices others have their turn. Throws
 * what reading the file throws, `CONCURRENT_CHANGE` when the batch was ended meanwhile.
 */
export async function firstPass(from: BatchAtRevision, pass: FirstPass): Promise<BatchAtRevision> {
  const { streams, clock, setup, rows, signal } = pass;
  let at: BatchAtRevision = await streams.change(from, startValidation);
  const tally = new RowTally();
  let kept = 0;
  let refused: RejectedRow[] = [];
  const keep = async (): Promise<void> => {
    if (refused.length === 0) return;
    const some = refused;
    refused = [];
    at = await streams.change(at, (batch) => rejectRows(batch, some));
  };
  for await (const slice of rows) {
    signal.throwIfAborted();
    const now = clock.now();
    for (const row of slice) {
      const item = setup.prepare(row, now);
      if (item.outcome === 'accepted') {
        tally.accept(item.warnings[0]?.code);
        continue;
      }
      tally.reject(item.code);
      if (kept >= MAX_REJECTED_ROWS) continue;
      kept += 1;
      refused.push(rejectedRow(row.line, item.code, item.errors));
    }
    if (refused.length >= ROWS_PER_EVENT) await keep();
    await nextTurn();
  }
  await keep();
  return streams.change(at, (batch) => endValidation(batch, tally.result));
}
