export * from './batches.projection.js';
export * from './catalog/catalog.projection.js';
export * from './documents.js';
export * from './profile/computed-documents.js';
export * from './profile/filling.events.js';
export * from './profile/profile.projection.js';
export * from './profile/reevaluation.events.js';
export * from './profile/rules.js';
