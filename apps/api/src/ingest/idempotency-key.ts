import { TesseraError } from '#core';

export const IDEMPOTENCY_HEADER = 'idempotency-key';

const KEY = /^[\x21-\x7e]{1,255}$/;

/** The `Idempotency-Key` of a request. Throws `INVALID_REQUEST` for one that cannot be told from others or logged. */
export function idempotencyKey(header: string | readonly string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  if (typeof header === 'string' && KEY.test(header)) return header;
  const message = 'must be 1 to 255 printable ASCII characters without spaces';
  throw new TesseraError('INVALID_REQUEST', `The header Idempotency-Key ${message}.`, {
    errors: [{ path: IDEMPOTENCY_HEADER, message }],
  });
}
