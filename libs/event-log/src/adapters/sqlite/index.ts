export * from './sqlite-event-log.js';
export { MAX_BYTES_IN_FLIGHT } from './writer-client.js';
