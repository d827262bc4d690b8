export * from './blocked-values.js';
export * from './clusters.js';
export * from './identity-claims.js';
export * from './identity-value.js';
export * from './item-identities.js';
