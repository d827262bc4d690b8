export * from './fragment-names.js';
export * from './idempotency-scope.js';
export * from './prepare-item.js';
export * from './prepared-item.js';
