import { isTesseraError, TesseraError } from '#core';

import { meaningOf, toLogError } from './client-errors.js';
import type { AppendContext } from './group-append.js';
import { knownPosition } from './positions.js';
import { BackOff } from './waiting.js';

/**
 * Deletes what a stream holds, softly: it may be written again. False when there was nothing. Throws
 * `LOG_OUTCOME_UNKNOWN` when it may have happened, otherwise what an append throws.
 */
export async function deleteStream({ clients, reads, timings }: AppendContext, stream: string): Promise<boolean> {
  const backOff = new BackOff(timings.firstRetry, timings.longestRetry);
  const started = Date.now();
  let uncertain = false;
  for (;;) {
    let sent = false;
    try {
      // Gone after a call without an answer: that call, or another's, has done it.
      if ((await reads.lastRevision(stream)) === -1) return uncertain;
      sent = true;
      const { position } = await clients.reads.call(timings.append, (client) => client.deleteStream(stream));
      reads.deleted(stream);
      reads.saw(knownPosition(position) ?? reads.newest);
      return true;
    } catch (error) {
      const meaning = meaningOf(error);
      uncertain ||= sent && meaning === 'unknown';
      const final = meaning === 'denied' || isTesseraError(error) || Date.now() - started > timings.append;
      if (final) throw uncertain ? outcomeUnknown(stream, error) : toLogError(error, `Deleting ${stream}`);
      await backOff.pause();
    }
  }
}

function outcomeUnknown(stream: string, cause: unknown): TesseraError {
  const message = `Deleting ${stream}: EventStoreDB does not tell whether it happened`;
  return new TesseraError('LOG_OUTCOME_UNKNOWN', message, { cause });
}
