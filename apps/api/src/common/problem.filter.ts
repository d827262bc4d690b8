import { Catch, NotFoundException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';

import type { TesseraError } from '#core';
import type { Logger } from '#observability';

import type { AllowedMethods } from './allowed-methods.js';
import { PROBLEM_MEDIA_TYPE, toProblem, toTesseraError } from './problem.js';

/** Long enough for a commit or a projector page to finish, short enough not to be noticed. */
const RETRY_AFTER_SECONDS = 1;
const SAYS_RETRY_AFTER = new Set([429, 503, 507]);

/** Every error leaves as `application/problem+json`; what went wrong inside goes to the log and nowhere else. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly logger: Logger,
    private readonly allowedMethods: AllowedMethods,
  ) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    // Only the router throws this one: what is missing behind a path has a code of its own.
    const error = thrown instanceof NotFoundException ? this.allowedMethods.refusal(request) : thrown;
    answerProblem(this.logger, error, request, reply);
  }
}

/** Answers with the problem document of whatever was thrown. Never throws itself. */
export function answerProblem(logger: Logger, thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const error = toTesseraError(thrown, request.raw.errored);
  report(logger, error, request);
  // A handler that streams its answer may fail half-way: all that is left is to end the connection.
  if (reply.sent || reply.raw.headersSent) {
    reply.raw.destroy();
    return;
  }
  if (error.retryable && SAYS_RETRY_AFTER.has(error.status)) void reply.header('retry-after', RETRY_AFTER_SECONDS);
  // The framework would close the connection while the client still writes, who then sees that instead of the answer.
  if (error.status === 413) reply.removeHeader('connection');
  if (error.status === 405) void reply.header('allow', String(error.extra?.['allowed']));
  if (error.status === 401) void reply.header('www-authenticate', 'Bearer');
  void reply
    .code(error.status)
    .type(PROBLEM_MEDIA_TYPE)
    .send(JSON.stringify(toProblem(error, request.id)));
}

function report(logger: Logger, error: TesseraError, request: FastifyRequest): void {
  if (error.status < 500) return;
  // The route, not the URL: that one holds identities of people.
  const where = { requestId: request.id, method: request.method, route: request.routeOptions.url, code: error.code };
  if (error.code === 'INTERNAL') logger.error({ ...where, err: error.cause ?? error }, 'a request failed');
  else logger.warn({ ...where, err: error }, 'a request could not be served');
}
