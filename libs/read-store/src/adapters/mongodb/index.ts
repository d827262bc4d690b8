export { isUnencrypted } from './url.js';
export { openMongoReadStore, type MongoReadStoreOptions } from './mongo-read-store.js';
