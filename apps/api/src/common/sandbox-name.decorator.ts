import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

import { DEFAULT_SANDBOX } from '#catalog';
import { TesseraError } from '#core';

export const SANDBOX_HEADER = 'x-sandbox-name';

/** No sandbox can be named otherwise, so everything else is one that does not exist. */
const SANDBOX_NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;

/** The name in the request's `x-sandbox-name`, by default `prod`. Throws `SANDBOX_NOT_FOUND` for what cannot be a name. */
export function sandboxName(header: string | readonly string[] | undefined): string {
  if (header === undefined) return DEFAULT_SANDBOX.name;
  if (typeof header === 'string' && SANDBOX_NAME.test(header)) return header;
  throw new TesseraError('SANDBOX_NOT_FOUND', `There is no sandbox with the name in ${SANDBOX_HEADER}.`);
}

/** Handler parameter: the name of the request's sandbox; whether it exists is for the catalog to say. */
export const SandboxName = createParamDecorator((_data: unknown, context: ExecutionContext) =>
  sandboxName(context.switchToHttp().getRequest<FastifyRequest>().headers[SANDBOX_HEADER]),
);
