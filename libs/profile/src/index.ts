export * from './client-id.js';
export * from './fragment.events.js';
export * from './fragment.js';
export * from './merge.js';
export * from './ingest/index.js';
