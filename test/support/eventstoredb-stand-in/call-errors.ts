import { Metadata, status, type StatusObject } from '@grpc/grpc-js';

import { MAX_APPEND_BYTES } from './limits.js';

/** An error that ends a call: the client finds the kind in the trailers, under `exception`. */
export type CallError = StatusObject & Error;

export function callError(code: status, details: string, trailers: Readonly<Record<string, string>> = {}): CallError {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(trailers)) metadata.set(name, value);
  return Object.assign(new Error(details), { code, details, metadata });
}

export const unavailable = (): CallError => callError(status.UNAVAILABLE, 'Connection dropped');
export const notReady = (): CallError => callError(status.UNAVAILABLE, 'Server Is Not Ready');
export const tooBusy = (): CallError => callError(status.UNAVAILABLE, 'Server Is Too Busy');
export const timeout = (): CallError => callError(status.ABORTED, 'Operation timed out: Prepare timeout');

export const accessDenied = (): CallError =>
  callError(status.PERMISSION_DENIED, 'Access Denied', { exception: 'access-denied' });

export const streamDeleted = (stream: string): CallError =>
  callError(status.FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, {
    exception: 'stream-deleted',
    'stream-name': stream,
  });

export const appendTooLarge = (): CallError =>
  callError(status.INVALID_ARGUMENT, `Maximum Append Size of ${MAX_APPEND_BYTES} Exceeded.`, {
    exception: 'maximum-append-size-exceeded',
    'maximum-append-size': String(MAX_APPEND_BYTES),
  });

/** `expected` and `actual` are the server's numbers: -2 is `any`, -1 no stream, -4 `stream_exists`. */
export const wrongExpectedVersion = (stream: string, expected: bigint, actual: bigint): CallError =>
  callError(
    status.FAILED_PRECONDITION,
    `Delete failed due to WrongExpectedVersion. Stream: ${stream}, ` +
      `Expected version: ${expected.toString()}, Actual version: ${actual.toString()}`,
    {
      exception: 'wrong-expected-version',
      'stream-name': stream,
      'expected-version': expected.toString(),
      'actual-version': actual.toString(),
    },
  );
