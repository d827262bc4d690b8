import { HttpException } from '@nestjs/common';

import { ERROR_CATALOG, TesseraError, type ErrorCode, type FieldError } from '#core';

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** RFC 9457, with the stable code of the error catalogue. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly requestId: string;
  readonly errors?: readonly FieldError[];
  readonly [extra: string]: unknown;
}

/** What the framework refuses before a handler of ours runs. */
const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: 'INVALID_REQUEST',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_ALLOWED',
  413: 'BODY_TOO_LARGE',
  414: 'INVALID_REQUEST',
  415: 'UNSUPPORTED_MEDIA_TYPE',
};

/**
 * Everything that a handler, a pipe or the framework can throw, as one of our errors; `INTERNAL` for what nobody foresaw.
 * `ofRequest`: how reading the request has failed, if it has. When that is the error, the connection ended in the middle of
 * a body: nobody is there to read the answer, but it is no fault of ours. By its code alone, a connection of ours to
 * somewhere else would look the same.
 */
export function toTesseraError(error: unknown, ofRequest?: Error | null): TesseraError {
  if (error instanceof TesseraError) return error;
  if (error !== undefined && error === ofRequest) {
    return new TesseraError('MALFORMED_BODY', 'The body broke off.', { cause: error });
  }
  const status = error instanceof HttpException ? error.getStatus() : frameworkStatus(error);
  const code = status === undefined ? undefined : CODE_OF_STATUS[status];
  if (code !== undefined) return new TesseraError(code, ERROR_CATALOG[code].remedy, { cause: error });
  return new TesseraError(
    'INTERNAL',
    'Something went wrong inside. The log of the service has it under the request id.',
    {
      cause: error,
    },
  );
}

export function toProblem(error: TesseraError, requestId: string): Problem {
  return {
    ...error.extra,
    type: `urn:tessera:error:${error.code}`,
    title: ERROR_CATALOG[error.code].title,
    status: error.status,
    code: error.code,
    detail: error.message,
    requestId,
    ...(error.errors !== undefined && { errors: error.errors }),
  };
}

/** Fastify's own errors carry a code of this form and a status. */
function frameworkStatus(error: unknown): number | undefined {
  const { code, statusCode } = (error ?? {}) as { readonly code?: unknown; readonly statusCode?: unknown };
  return typeof code === 'string' && code.startsWith('FST_') && typeof statusCode === 'number' ? statusCode : undefined;
}
