import { describe, expect, it } from '@jest/globals';

import { TesseraError } from '#core';

import { toCommitError, toLogError } from './sqlite-errors.js';

const sqliteError = (code: string): Error => Object.assign(new Error('as the driver says'), { code });

describe('an error of SQLite', () => {
  it.each([
    ['SQLITE_FULL', 'LOG_FULL'],
    ['SQLITE_READONLY', 'LOG_READ_ONLY'],
    ['SQLITE_READONLY_DIRECTORY', 'LOG_READ_ONLY'],
    ['SQLITE_PERM', 'LOG_READ_ONLY'],
    ['SQLITE_BUSY', 'LOG_UNAVAILABLE'],
    ['SQLITE_BUSY_SNAPSHOT', 'LOG_UNAVAILABLE'],
    ['SQLITE_CORRUPT', 'LOG_UNAVAILABLE'],
    ['SQLITE_IOERR_WRITE', 'LOG_UNAVAILABLE'],
    ['SQLITE_NOTADB', 'DATA_FOLDER_UNUSABLE'],
  ])('%s is %s before the commit', (sqliteCode, code) => {
    const cause = sqliteError(sqliteCode);
    expect(toLogError(cause)).toMatchObject({ code, cause });
    expect(toLogError(cause).message).toContain(sqliteCode);
  });

  it.each([
    ['SQLITE_FULL', 'LOG_FULL'],
    ['SQLITE_READONLY', 'LOG_READ_ONLY'],
    ['SQLITE_IOERR_FSYNC', 'LOG_OUTCOME_UNKNOWN'],
    ['SQLITE_IOERR_WRITE', 'LOG_OUTCOME_UNKNOWN'],
  ])('%s is %s at the commit', (sqliteCode, code) => {
    expect(toCommitError(sqliteError(sqliteCode))).toMatchObject({ code });
  });
});

describe('an error of ours', () => {
  it('stays what it is', () => {
    const error = new TesseraError('DATA_FOLDER_UNUSABLE', 'no');
    expect(toLogError(error)).toBe(error);
    expect(toCommitError(error)).toBe(error);
  });

  it.each([[new TypeError('undefined is not a function')], ['thrown text'], [{ code: 'ENOENT', message: 'no file' }]])(
    'that nobody foresaw is an internal one: %s',
    (error) => {
      expect(toLogError(error)).toMatchObject({ code: 'INTERNAL', cause: error });
    },
  );
});
