import type { FastifyReply } from 'fastify';

import { TesseraError, type Position } from '#core';

/** Answered by every write; sent back by whoever wants to see at least that write. Its value is a log position. */
export const CONSISTENCY_HEADER = 'x-consistency-token';

const TOKEN = /^[0-9a-f]{1,64}$/;

/** The position in the request's `x-consistency-token`; `undefined` without one. Throws `INVALID_REQUEST`. */
export function consistencyToken(header: string | readonly string[] | undefined): Position | undefined {
  if (header === undefined) return undefined;
  if (typeof header === 'string' && TOKEN.test(header)) return header;
  throw invalidToken();
}

export function invalidToken(): TesseraError {
  return new TesseraError(
    'INVALID_REQUEST',
    `The header ${CONSISTENCY_HEADER} is not one that this service gave out.`,
    {
      errors: [{ path: CONSISTENCY_HEADER, message: 'must be sent back as it was received' }],
    },
  );
}

/** Puts the position of what was written on the answer. */
export function answerConsistency(reply: FastifyReply, position: Position): void {
  if (position !== '') void reply.header(CONSISTENCY_HEADER, position);
}
