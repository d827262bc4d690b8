export { isKnownClientRejection } from './client-errors.js';
export { isUnencrypted } from './connection-string.js';
export { openEventStoreDbEventLog } from './eventstoredb-event-log.js';
export type { EventStoreDbOptions, EventStoreDbTimings } from './options.js';
