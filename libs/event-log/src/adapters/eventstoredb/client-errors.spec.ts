import { describe, expect, it } from '@jest/globals';

import {
  actualRevision,
  isKnownClientRejection,
  isPoisoned,
  meaningOf,
  toLogError,
  type Meaning,
} from './client-errors.js';
import { DeadlinePassed } from './waiting.js';

/** An error as the client or gRPC makes it. */
const error = (message: string, shape: Record<string, unknown> = {}): Error => Object.assign(new Error(message), shape);

describe('errors of the client', () => {
  it.each<[string, Error, Meaning]>([
    ['a conflict, whose message is empty', error('', { type: 'wrong-expected-version' }), 'conflict'],
    ['a missing stream', error('a not found', { type: 'stream-not-found' }), 'missing'],
    ['a tombstone', error('', { type: 'stream-deleted' }), 'tombstoned'],
    ['an append over the limit', error('', { type: 'maximum-append-size-exceeded' }), 'too-large'],
    ['a user who may not', error('', { type: 'access-denied' }), 'denied'],
    ['a user who may not, without a class', error('7 PERMISSION_DENIED', { code: 7 }), 'denied'],
    ['a discovery that failed', error('Failed to discover after 10 attempts.'), 'not-sent'],
    ['a server that starts', error('Could not recognize Server Is Not Ready', { type: 'unknown' }), 'not-sent'],
    ['a server that is busy', error('Could not recognize Server Is Busy', { type: 'unknown' }), 'not-sent'],
    ['a server that is down, without a class', error('14 UNAVAILABLE: connect', { code: 14 }), 'not-sent'],
    [
      'a server that is down',
      error('14 UNAVAILABLE: No connection established', { type: 'unavailable', code: 14 }),
      'not-sent',
    ],
    ['a connection that broke', error('14 UNAVAILABLE: dropped', { type: 'unavailable', code: 14 }), 'unknown'],
    ['a stream that was reset', error('13 INTERNAL: RST_STREAM', { type: 'unknown', code: 13 }), 'unknown'],
    ['a deadline of the server', error('', { type: 'deadline-exceeded' }), 'unknown'],
    ['a deadline of our own', new DeadlinePassed(5), 'unknown'],
    [
      'a position of another log',
      error('3: Trying to read from an invalid position.', { code: 3 }),
      'invalid-position',
    ],
  ])('%s', (_name, given, meaning) => {
    expect(meaningOf(given)).toBe(meaning);
  });

  it('leave a client behind that works no more when they have no class and the server is not just away', () => {
    expect(isPoisoned(error('Failed to discover after 10 attempts.'))).toBe(true);
    expect(isPoisoned(error('13 INTERNAL', { code: 13 }))).toBe(true);
    expect(isPoisoned(error('14 UNAVAILABLE', { code: 14 }))).toBe(false);
    expect(isPoisoned(error('13 INTERNAL', { code: 13, type: 'unknown' }))).toBe(false);
    expect(isPoisoned(new DeadlinePassed(5))).toBe(false);
  });

  it('say where the stream is, in numbers or words', () => {
    expect(actualRevision(error('', { actualVersion: 7n }))).toBe(7);
    expect(actualRevision(error('', { actualVersion: 'no_stream' }))).toBe(-1);
  });

  it('become errors of the port', () => {
    expect(toLogError(error('x', { type: 'unavailable' }), 'Reading a')).toMatchObject({
      code: 'LOG_UNAVAILABLE',
      message: 'Reading a: EventStoreDB does not answer (x)',
    });
    expect(toLogError(error('', { type: 'access-denied' }), 'Appending')).toMatchObject({ code: 'LOG_READ_ONLY' });
    expect(toLogError(error('', { type: 'maximum-append-size-exceeded' }), '')).toMatchObject({
      code: 'EVENT_TOO_LARGE',
    });
  });
});

describe('the rejection that a process may survive', () => {
  const grpc = { code: 14, details: 'Connection dropped', metadata: {} };
  const stack = 'Error: 14 UNAVAILABLE\n    at Client.batchAppend (/x/@eventstore/db-client/dist/batchAppend.js:9:9)';

  it('comes from the append stream of the client, with an error of gRPC', () => {
    expect(isKnownClientRejection(error('14 UNAVAILABLE', { ...grpc, stack }))).toBe(true);
  });

  it.each<[string, unknown]>([
    ['from elsewhere', error('14 UNAVAILABLE', { ...grpc, stack: 'Error\n    at handler (/x/app.js:1:1)' })],
    ['of another kind', error('x is not a function', { stack })],
    ['that is no error', 'batchAppend of db-client'],
    ['that is nothing', undefined],
  ])('is none %s', (_name, reason) => {
    expect(isKnownClientRejection(reason)).toBe(false);
  });
});
