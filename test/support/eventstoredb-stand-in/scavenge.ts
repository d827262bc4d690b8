import { TOMBSTONE_TYPE, type StoredEvent } from './stored-event.js';
import type { StoredLog } from './stored-log.js';

/**
 * What a scavenge leaves: of a tombstoned stream only the tombstone; of a soft-deleted stream its last event, for ever,
 * unless it was written again; of a stream's metadata only the latest.
 */
export function scavenge(log: StoredLog): void {
  log.remove((event) => isKept(log, event));
}

function isKept(log: StoredLog, event: StoredEvent): boolean {
  if (event.type === TOMBSTONE_TYPE) return true;
  const stream = log.find(event.stream);
  if (stream === undefined || stream.tombstoned) return false;
  if (event.stream.startsWith('$$')) {
    return log.find(event.stream.slice(2))?.tombstoned !== true && event.revision === stream.last;
  }
  return event.revision === stream.last || event.revision >= stream.truncateBefore;
}
