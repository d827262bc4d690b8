import { TesseraError } from '#core';

/** Says in the words of the port what SQLite reported. Errors that are not of the engine stay as they are. */
export function toStoreError(error: unknown): unknown {
  const code = sqliteCodeOf(error);
  if (code === undefined) return error;
  if (code === 'SQLITE_FULL') return storeError('STORE_FULL', 'There is no room left for the read store', error);
  if (isMissingTable(error)) return storeError('STORE_UNAVAILABLE', 'That is not deployed in the read store now', error);
  return storeError('STORE_UNAVAILABLE', whatIsWrong(code), error);
}

/** A table that a statement names is gone or was never there: another connection deploys and drops too. */
export function isMissingTable(error: unknown): boolean {
  return sqliteCodeOf(error) === 'SQLITE_ERROR' && /^no such (table|index|column)/.test((error as Error).message);
}

export function notOpened(file: string, cause: unknown): TesseraError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new TesseraError('STORE_UNAVAILABLE', `The read store ${file} cannot be opened: ${reason}`, { cause });
}

function storeError(code: 'STORE_FULL' | 'STORE_UNAVAILABLE', message: string, cause: unknown): TesseraError {
  return new TesseraError(code, `${message} (${(cause as Error).message})`, { cause });
}

function whatIsWrong(sqliteCode: string): string {
  if (sqliteCode.startsWith('SQLITE_BUSY')) return 'Another process keeps the read store locked';
  if (sqliteCode.startsWith('SQLITE_READONLY')) return 'The read store cannot be written';
  if (sqliteCode.startsWith('SQLITE_CORRUPT') || sqliteCode === 'SQLITE_NOTADB') {
    return 'The file of the read store is damaged';
  }
  return 'The read store failed';
}

function sqliteCodeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && code.startsWith('SQLITE_') ? code : undefined;
}
