export { compareVersions, type Comparison, type Difference } from './compare.js';
export type { ClientIdHash, RecordedEvent } from '#event-log';

export * from './back-off.js';
export * from './jobs.js';
export * from './jobs.projection.js';
export * from './lease-keeper.js';
export * from './leased-projector.js';
export * from './parking.js';
export * from './projected-collection.js';
export * from './projection.js';
export * from './projector.js';
export * from './runner.js';
export * from './session.js';
export * from './versions.js';
