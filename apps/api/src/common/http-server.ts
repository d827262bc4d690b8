import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';

import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { ERROR_CATALOG, TesseraError, type ErrorCode } from '#core';
import type { Logger } from '#observability';

import { AllowedMethods } from './allowed-methods.js';
import { isOpenRoute, keyCheck } from './authentication.js';
import { registerBodyParsers } from './body.js';
import { answerProblem } from './problem.filter.js';
import { PROBLEM_MEDIA_TYPE, toProblem } from './problem.js';

/** Longer identity values are blocked anyway; the router counts decoded characters. */
const PARAMETER_LIMIT = 4_096;
/** An identity value of 1,024 characters takes up to 12 KB percent-encoded, in the path or in the query; the rest is headers. */
const HEADER_LIMIT = 32 * 1_024;

export interface HttpServerOptions {
  readonly apiKey: string | undefined;
  readonly logger: Logger;
}

export interface HttpServer {
  readonly adapter: FastifyAdapter;
  readonly allowedMethods: AllowedMethods;
}

/** Fastify with our limits, body parsers, authentication and error documents, before any route is there. */
export function createHttpServer({ apiKey, logger }: HttpServerOptions): HttpServer {
  const wrongKey = keyCheck(apiKey);
  const adapter = new FastifyAdapter({
    http: { maxHeaderSize: HEADER_LIMIT },
    routerOptions: { maxParamLength: PARAMETER_LIMIT },
    genReqId: () => randomUUID(),
    // The router refuses the URL itself, before any hook.
    frameworkErrors: (_error: Error, request: FastifyRequest, reply: FastifyReply) => {
      const refusal = wrongKey(request) ?? invalidUrl('The path');
      answerProblem(logger, refusal, request, reply);
    },
    clientErrorHandler: (error, socket) => refuseConnection(error, socket),
  });
  const server = adapter.getInstance();
  server.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id);
    if (isOpenRoute(request.routeOptions.url)) return done();
    done(wrongKey(request) ?? malformedQuery(request));
  });
  registerBodyParsers(server);
  return { adapter, allowedMethods: new AllowedMethods(server) };
}

/** The query parser leaves what it cannot decode as it is, which would then be taken for a value. */
function malformedQuery({ url }: FastifyRequest): TesseraError | undefined {
  const start = url.indexOf('?');
  if (start < 0 || !url.includes('%', start)) return undefined;
  try {
    decodeURIComponent(url.slice(start));
    return undefined;
  } catch {
    return invalidUrl('The query');
  }
}

function invalidUrl(part: string): TesseraError {
  return new TesseraError('INVALID_REQUEST', `${part} is not valid percent-encoding of UTF-8, or too long.`);
}

/** What is not HTTP, or has too long a head, never becomes a request. */
function refuseConnection(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const code: ErrorCode = error.code === 'HPE_HEADER_OVERFLOW' ? 'HEADERS_TOO_LARGE' : 'MALFORMED_REQUEST';
  const problem = new TesseraError(code, ERROR_CATALOG[code].remedy);
  const body = JSON.stringify(toProblem(problem, randomUUID()));
  socket.end(
    `HTTP/1.1 ${problem.status} ${ERROR_CATALOG[code].title}\r\ncontent-type: ${PROBLEM_MEDIA_TYPE}\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
