import { types } from 'node:util';

import { MongoError, MongoInvalidArgumentError, MongoServerError } from 'mongodb';

import { TesseraError, type ErrorCode } from '#core';

/** What servers answer; the numbers are the same on all that speak the protocol. */
export const DUPLICATE_KEY = 11_000;
const UNAUTHORIZED = 13;
const AUTHENTICATION_FAILED = 18;
const OUT_OF_DISK_SPACE = 14_031;
const QUOTA_EXCEEDED = 12_501;
/** Of the hosted service: a message tells what it is about. */
const ATLAS_ERROR = 8_000;
const DOCUMENT_TOO_LARGE = [10_334, 17_280, 17_419, 17_420];
/** Statements that are wrong or that the server does not have: to try again would not help. */
const MISTAKES = [2, 9, 14, 59, 67, 72, 85, 86, 115, 238];

/** Says in the words of the port what the driver or the server reported. Mistakes stay as they are. */
export function toStoreError(error: unknown): unknown {
  if (isOfSocket(error)) return unavailable(error);
  if (!(error instanceof MongoError)) return error;
  if (isTooLarge(error)) return storeError('DOCUMENT_TOO_LARGE', 'A document is over the limit of the server', error);
  if (isFull(error)) return storeError('STORE_FULL', 'There is no room left for the read store', error);
  if (error instanceof MongoServerError && MISTAKES.includes(Number(error.code))) return error;
  return unavailable(error);
}

/** While a long request waits for room in the socket, the driver lets the errors of Node through as they are. */
function isOfSocket(error: unknown): error is Error {
  return types.isNativeError(error) && 'syscall' in error;
}

function unavailable(cause: Error): TesseraError {
  return storeError('STORE_UNAVAILABLE', 'The read store cannot be reached or does not answer', cause);
}

export function isDuplicateKey(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === DUPLICATE_KEY;
}

/** What is wrong when the store is opened: the setting, or that the server is away. */
export function notOpened(error: unknown): unknown {
  if (error instanceof MongoServerError && isRefusedUser(error)) {
    return storeError('INVALID_CONFIGURATION', 'The server of the read store refuses the user', error);
  }
  return toStoreError(error);
}

function isRefusedUser({ code, message }: MongoServerError): boolean {
  return code === UNAUTHORIZED || code === AUTHENTICATION_FAILED || (code === ATLAS_ERROR && /auth/i.test(message));
}

function isTooLarge(error: MongoError): boolean {
  if (error instanceof MongoInvalidArgumentError) return error.message.includes('larger than the maximum size');
  return error instanceof MongoServerError && DOCUMENT_TOO_LARGE.includes(Number(error.code));
}

function isFull(error: MongoError): boolean {
  if (!(error instanceof MongoServerError)) return false;
  const { code, message } = error;
  return (
    code === OUT_OF_DISK_SPACE || code === QUOTA_EXCEEDED || (code === ATLAS_ERROR && /quota|space/i.test(message))
  );
}

function storeError(code: ErrorCode, message: string, cause: Error): TesseraError {
  return new TesseraError(code, `${message} (${cause.message})`, { cause });
}
