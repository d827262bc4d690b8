export * from './fragment-names.js';
export * from './idempotency-scope.js';
export type { ItemKind } from './instructions.js';
export { MAX_PATCH_PATHS, type PatchSchema } from './patch-instructions.js';
export * from './prepare-item.js';
export * from './prepared-item.js';
