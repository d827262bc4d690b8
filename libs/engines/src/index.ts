export * from './data-folder.js';
export * from './engines.js';
export * from './naming-secret.js';
export * from './settings.js';
