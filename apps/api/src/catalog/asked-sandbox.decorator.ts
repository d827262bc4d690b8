import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

import { CONSISTENCY_HEADER, consistencyToken } from '../common/consistency.js';
import { SANDBOX_HEADER, sandboxName } from '../common/sandbox-name.js';
import type { SandboxRequest } from './catalog-tail.js';

/** Handler parameter: what a request says by its headers, as a `SandboxRequest`. */
export const AskedSandbox = createParamDecorator((_data: unknown, context: ExecutionContext): SandboxRequest => {
  const { headers, id: requestId } = context.switchToHttp().getRequest<FastifyRequest>();
  const token = consistencyToken(headers[CONSISTENCY_HEADER]);
  return { sandbox: sandboxName(headers[SANDBOX_HEADER]), token, requestId };
});
