import { isTesseraError, POSITION_START, TesseraError } from '#core';
import type { EventLogReader } from '#event-log';
import type { ReadStore } from '#read-store';

import { PROJECTION_NAMES } from './projection-names.js';

/**
 * Throws `DATA_FOLDER_UNUSABLE` when a projection is ahead of the log: the read store was filled from another log, or the
 * log was put back from an older backup. New events would then be taken for old ones and never be folded.
 */
export async function refuseViewsAhead(log: EventLogReader, store: ReadStore): Promise<void> {
  const head = await log.head();
  for (const projection of PROJECTION_NAMES) {
    const position = await checkpointOf(store, projection);
    if (position === undefined || position === POSITION_START) continue;
    // Positions of one log have one width: another one is of another engine.
    const ofThisLog = head === POSITION_START || position.length === head.length;
    if (ofThisLog && position <= head) continue;
    throw new TesseraError(
      'DATA_FOLDER_UNUSABLE',
      `The read store is ahead of the event log (${projection} at ${position}, the log ends at ${head || 'its start'}): they do ` +
        'not belong together. Put back the log that does, or delete the read store (the files read-store.sqlite*, or the ' +
        'database in MongoDB): it is built again from the log.',
    );
  }
}

async function checkpointOf(store: ReadStore, projection: string): Promise<string | undefined> {
  try {
    const entry = await store.registry(projection);
    return entry && (await store.checkpoint({ projection, version: entry.active }))?.position;
  } catch (error) {
    // The projector makes the file; before its first start there is nothing to compare.
    if (isTesseraError(error, 'STORE_UNAVAILABLE')) return undefined;
    throw error;
  }
}
