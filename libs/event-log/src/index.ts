export * from './append-request.js';
export * from './event-ids.js';
export * from './event-log.js';
export * from './stream-prefix.js';
