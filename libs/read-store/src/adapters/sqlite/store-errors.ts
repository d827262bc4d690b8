import { TesseraError, type ErrorCode } from '#core';

/**
 * Says in the words of the port what SQLite reported. What is not about the engine's state, such as a statement that is
 * wrong, stays as it is: to try again would not help.
 */
export function toStoreError(error: unknown): unknown {
  const code = sqliteCodeOf(error);
  if (code === undefined) return error;
  if (isMissingTable(error)) return storeError('STORE_UNAVAILABLE', 'The version is not deployed now', error);
  const [, storeCode, message] = MEANINGS.find(([prefix]) => code.startsWith(prefix)) ?? [];
  return storeCode === undefined ? error : storeError(storeCode, message, error);
}

const MEANINGS = [
  ['SQLITE_FULL', 'STORE_FULL', 'There is no room left for the read store'],
  ['SQLITE_BUSY', 'STORE_UNAVAILABLE', 'Another connection keeps the read store locked'],
  ['SQLITE_LOCKED', 'STORE_UNAVAILABLE', 'Another connection keeps the read store locked'],
  ['SQLITE_PROTOCOL', 'STORE_UNAVAILABLE', 'Another connection keeps the read store locked'],
  ['SQLITE_READONLY', 'STORE_UNAVAILABLE', 'The read store cannot be written'],
  ['SQLITE_PERM', 'STORE_UNAVAILABLE', 'The read store cannot be written'],
  ['SQLITE_CANTOPEN', 'STORE_UNAVAILABLE', 'The read store cannot be opened'],
  ['SQLITE_CORRUPT', 'STORE_UNAVAILABLE', 'The file of the read store is damaged'],
  ['SQLITE_NOTADB', 'STORE_UNAVAILABLE', 'The file of the read store is damaged'],
  ['SQLITE_IOERR', 'STORE_UNAVAILABLE', 'The disk failed under the read store'],
] as const;

/** A table that a statement names is gone or was never there: another connection deploys and drops too. */
export function isMissingTable(error: unknown): boolean {
  return sqliteCodeOf(error) === 'SQLITE_ERROR' && /^no such (table|index|column)/.test((error as Error).message);
}

export function notOpened(file: string, cause: unknown): TesseraError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const code = sqliteCodeOf(cause) === 'SQLITE_FULL' ? 'STORE_FULL' : 'STORE_UNAVAILABLE';
  return new TesseraError(code, `The read store ${file} cannot be opened: ${reason}`, { cause });
}

function storeError(code: ErrorCode, message: string, cause: unknown): TesseraError {
  return new TesseraError(code, `${message} (${(cause as Error).message})`, { cause });
}

/** Not by `instanceof`: the driver keeps the `Error` of whoever loaded it first, which may be that of another realm. */
function sqliteCodeOf(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && code.startsWith('SQLITE_') ? code : undefined;
}
