import { describe, expect, it } from '@jest/globals';
import { MongoInvalidArgumentError, MongoNetworkError, MongoServerError } from 'mongodb';

import { notOpened, toStoreError } from './store-errors.js';

const answered = (code: number, message = 'as the server said it'): MongoServerError =>
  new MongoServerError({ message, code });

const ofSocket = (code: string, syscall: string): Error =>
  Object.assign(new Error(`${syscall} ${code}`), { code, syscall });

describe('an error of the server', () => {
  it.each([
    ['a lost connection', new MongoNetworkError('connection closed'), 'STORE_UNAVAILABLE'],
    ['a connection that is reset under a long request', ofSocket('ECONNRESET', 'read'), 'STORE_UNAVAILABLE'],
    ['a long request to a server that was killed', ofSocket('EPIPE', 'write'), 'STORE_UNAVAILABLE'],
    ['a server that is not the primary', answered(10_107), 'STORE_UNAVAILABLE'],
    ['a server that shuts down', answered(91), 'STORE_UNAVAILABLE'],
    ['rights that were taken away', answered(13), 'STORE_UNAVAILABLE'],
    ['a full disk', answered(14_031), 'STORE_FULL'],
    ['a quota', answered(8_000, 'you are over your space quota, using 513 MB of 512 MB'), 'STORE_FULL'],
    ['a large document', answered(10_334), 'DOCUMENT_TOO_LARGE'],
    ['a long key', answered(17_280), 'DOCUMENT_TOO_LARGE'],
  ])('about %s has a code of its own', (_name, error, code) => {
    expect(toStoreError(error)).toMatchObject({ code, cause: error });
    expect((toStoreError(error) as Error).message).toContain(error.message);
  });

  it.each([
    ['a statement that is wrong', answered(9)],
    ['a command that is not there', answered(59)],
    [
      'a call of the driver that is wrong',
      new MongoInvalidArgumentError('Document is larger than the maximum size 16'),
    ],
    ['something else', new RangeError('out of range')],
  ])('about %s is not one to be tried again', (_name, error) => {
    expect(toStoreError(error)).not.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });

  it.each([
    [13, 'INVALID_CONFIGURATION'],
    [18, 'INVALID_CONFIGURATION'],
    [91, 'STORE_UNAVAILABLE'],
  ])('%i when the store is opened is %s', (code, expected) => {
    expect(notOpened(answered(code))).toMatchObject({ code: expected });
  });
});
