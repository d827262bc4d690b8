import { closeSync, openSync, rmSync } from 'node:fs';

import { isTesseraError, TesseraError, type ErrorCode } from '#core';

/**
 * Says in the words of the port what SQLite reported. The code holds for a statement that failed before its commit: then
 * nothing was written.
 */
export function toLogError(error: unknown): TesseraError {
  if (isTesseraError(error)) return error;
  const message =
    typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
  const sqliteCode = codeOf(error);
  if (sqliteCode === undefined)
    return new TesseraError('INTERNAL', `The event log failed: ${message}`, { cause: error });
  const [code, what] = meaningOf(sqliteCode);
  return new TesseraError(code, `${what} (${sqliteCode}: ${message})`, { cause: error });
}

/**
 * What a failed COMMIT means. A full disk fails before the frame that makes the transaction count; after any other input
 * or output error that frame may be on disk, and a restart may find it.
 */
export function toCommitError(error: unknown): TesseraError {
  if (codeOf(error)?.startsWith('SQLITE_IOERR') !== true) return toLogError(error);
  return new TesseraError('LOG_OUTCOME_UNKNOWN', 'The disk failed while the log committed', { cause: error });
}

/** SQLite does not say why it could not open a file; trying what it tried does. */
export function toOpenError(error: unknown, file: string): TesseraError {
  const sqliteCode = codeOf(error);
  // Without a code: the driver itself says that there is no such folder.
  const mayBeRefused = !isTesseraError(error) && (sqliteCode === undefined || sqliteCode === 'SQLITE_CANTOPEN');
  const refusal = mayBeRefused ? refusalBeside(file) : undefined;
  if (refusal === undefined) return toLogError(error);
  const code = ['EACCES', 'EPERM', 'EROFS'].includes(refusal) ? 'LOG_READ_ONLY' : 'DATA_FOLDER_UNUSABLE';
  return new TesseraError(code, `${file} cannot be opened: nothing can be written beside it (${refusal})`, {
    cause: error,
  });
}

function refusalBeside(file: string): string | undefined {
  const probe = `${file}-probe`;
  try {
    closeSync(openSync(probe, 'w'));
    rmSync(probe);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}

function meaningOf(sqliteCode: string): readonly [ErrorCode, string] {
  if (sqliteCode === 'SQLITE_FULL') return ['LOG_FULL', 'There is no room left for the event log'];
  if (sqliteCode.startsWith('SQLITE_READONLY') || sqliteCode === 'SQLITE_PERM') {
    return ['LOG_READ_ONLY', 'The event log cannot be written'];
  }
  if (sqliteCode.startsWith('SQLITE_BUSY')) return ['LOG_UNAVAILABLE', 'Another process keeps the event log locked'];
  if (sqliteCode === 'SQLITE_NOTADB') return ['DATA_FOLDER_UNUSABLE', 'The file is not an event log'];
  if (sqliteCode.startsWith('SQLITE_CORRUPT')) return ['LOG_UNAVAILABLE', 'The file of the event log is damaged'];
  return ['LOG_UNAVAILABLE', 'The event log failed'];
}

/** By its shape: the driver is loaded once per process, so its class may come from another realm than this module. */
function codeOf(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && code.startsWith('SQLITE_') ? code : undefined;
}
