import { DEFAULT_SANDBOX, refuseSandboxName } from '#catalog';
import { TesseraError } from '#core';

export const SANDBOX_HEADER = 'x-sandbox-name';

/**
 * The name in the request's `x-sandbox-name`, by default `prod`. Throws `SANDBOX_NOT_FOUND` for what cannot be a name:
 * no sandbox is called so.
 */
export function sandboxName(header: string | readonly string[] | undefined): string {
  if (header === undefined) return DEFAULT_SANDBOX.name;
  if (typeof header === 'string' && refuseSandboxName(header) === undefined) return header;
  throw new TesseraError('SANDBOX_NOT_FOUND', `There is no sandbox with the name in ${SANDBOX_HEADER}.`);
}
