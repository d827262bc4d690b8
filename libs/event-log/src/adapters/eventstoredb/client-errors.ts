import { isTesseraError, TesseraError, type ErrorCode } from '#core';

import { DeadlinePassed } from './waiting.js';

/**
 * What an error of the client or the server means for the call that got it.
 * - `conflict`: the stream is not as expected; nothing was written
 * - `missing`: there is no such stream, or it was deleted
 * - `tombstoned`: the stream was deleted for good by somebody else; nothing was written
 * - `too-large`, `denied`, `invalid-position`: refused for what they say; nothing was written
 * - `not-sent`: the call was not taken up; nothing was written
 * - `unknown`: anything may have happened
 */
export type Meaning =
  'conflict' | 'missing' | 'tombstoned' | 'too-large' | 'denied' | 'invalid-position' | 'not-sent' | 'unknown';

const BY_TYPE: Readonly<Record<string, Meaning>> = {
  'wrong-expected-version': 'conflict',
  'stream-not-found': 'missing',
  'no-stream': 'missing',
  'stream-deleted': 'tombstoned',
  'maximum-append-size-exceeded': 'too-large',
  'access-denied': 'denied',
};

const PERMISSION_DENIED = 7;
const UNAVAILABLE = 14;
const UNAUTHENTICATED = 16;
const FAILED_DISCOVERY = /failed to discover/i;
/** Of gRPC, when a call found no connection to go out on. */
const NEVER_CONNECTED = /no connection established|ECONNREFUSED|name resolution failed/i;
const NOT_HANDLED = /server is (?:not ready|busy)/i;
const INVALID_POSITION = /invalid position/i;

/** By class, then by text, then by code: the same fault comes in several shapes. */
export function meaningOf(error: unknown): Meaning {
  const { type, code, message } = shapeOf(error);
  const known = type === undefined ? undefined : BY_TYPE[type];
  if (known !== undefined) return known;
  if (FAILED_DISCOVERY.test(message) || NOT_HANDLED.test(message)) return 'not-sent';
  if (INVALID_POSITION.test(message)) return 'invalid-position';
  if (code === PERMISSION_DENIED || code === UNAUTHENTICATED) return 'denied';
  // Without a class of the client's own: it failed before the call, when it asked what the server supports.
  if (code === UNAVAILABLE && (type === undefined || NEVER_CONNECTED.test(message))) return 'not-sent';
  return 'unknown';
}

/**
 * True when this client will fail for ever: it keeps the failure of its first question to the server, as after a failed
 * discovery. A server that was merely away it asks again.
 */
export function isPoisoned(error: unknown): boolean {
  if (error instanceof DeadlinePassed || isTesseraError(error)) return false;
  const { type, code } = shapeOf(error);
  return type === undefined && code !== UNAVAILABLE;
}

/** Where the stream is, as a conflict says it; -1 for no stream. */
export function actualRevision(error: unknown): number {
  const actual = (error as { readonly actualVersion?: unknown }).actualVersion;
  return typeof actual === 'bigint' ? Number(actual) : -1;
}

/** The port's error for a call of which nothing was written. */
export function toLogError(error: unknown, what: string): TesseraError {
  if (isTesseraError(error)) return error;
  const [code, why] = wordsFor(meaningOf(error));
  return new TesseraError(code, `${what}: ${why}${detail(error)}`, { cause: error });
}

function wordsFor(meaning: Meaning): readonly [ErrorCode, string] {
  switch (meaning) {
    case 'denied':
      return ['LOG_READ_ONLY', 'EventStoreDB does not allow it to this user'];
    case 'too-large':
      return ['EVENT_TOO_LARGE', 'it is over what EventStoreDB appends at once'];
    case 'invalid-position':
      return ['INVALID_REQUEST', 'that is not a position of this log'];
    default:
      return ['LOG_UNAVAILABLE', 'EventStoreDB does not answer'];
  }
}

function detail(error: unknown): string {
  const { message } = shapeOf(error);
  return message === '' ? '' : ` (${message})`;
}

interface ErrorShape {
  /** Of the client's own classes. */
  readonly type: string | undefined;
  /** Of gRPC. */
  readonly code: number | undefined;
  readonly message: string;
}

/** By shape: a class may come from another copy of the client, and some of its errors have no class. */
function shapeOf(error: unknown): ErrorShape {
  if (typeof error !== 'object' || error === null) return { type: undefined, code: undefined, message: String(error) };
  const { type, code, message } = error as Record<string, unknown>;
  return {
    type: typeof type === 'string' ? type : undefined,
    code: typeof code === 'number' ? code : undefined,
    message: typeof message === 'string' ? message : '',
  };
}

/**
 * True for the unhandled rejection that the client leaves behind when a connection breaks while its append stream still
 * has something to write: the append itself is rejected too, and handled. A process may survive this one and no other.
 */
export function isKnownClientRejection(reason: unknown): boolean {
  if (!(reason instanceof Error) || shapeOf(reason).code === undefined) return false;
  const { details, metadata } = reason as { readonly details?: unknown; readonly metadata?: unknown };
  const isGrpcError = typeof details === 'string' && typeof metadata === 'object' && metadata !== null;
  return isGrpcError && /db-client.*batchAppend/i.test(reason.stack ?? '');
}
