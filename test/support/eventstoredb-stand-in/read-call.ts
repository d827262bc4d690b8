import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerWritableStream } from '@grpc/grpc-js';

/** The responses are written as bytes, see `read-responses`. */
export type ReadCall = ServerWritableStream<ReadReq, Buffer>;

/** Resolves when more may be written, or when nobody reads any more. */
export function drained(call: ReadCall): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      for (const event of ENDS_OF_WAITING) call.off(event, done);
      resolve();
    };
    for (const event of ENDS_OF_WAITING) call.on(event, done);
    if (call.cancelled || call.destroyed) done();
  });
}

const ENDS_OF_WAITING = ['drain', 'cancelled', 'error', 'finish', 'close'];
