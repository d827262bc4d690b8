export * from './catalog/catalog.projection.js';
export * from './documents.js';
export * from './profile/profile.projection.js';
