export * from './client-id.js';
export * from './fragment-lifecycle.js';
export * from './fragment.events.js';
export * from './fragment.js';
export * from './leaf-changes.js';
export * from './merge.js';
export * from './patch.js';
export * from './ingest/index.js';
