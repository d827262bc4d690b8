import { HttpException } from '@nestjs/common';

import { describe, expect, it } from '@jest/globals';

import { TesseraError } from '#core';

import { toProblem, toTesseraError } from './problem.js';

const withCode = (code: string, statusCode?: number): Error =>
  Object.assign(new Error('with a secret in it'), { code, statusCode });

describe('an error on its way out', () => {
  it.each([
    ['one of ours', new TesseraError('SCHEMA_NOT_FOUND', 'There is no schema crm.'), 'SCHEMA_NOT_FOUND'],
    ['of the framework, by its status', new HttpException('too large', 413), 'BODY_TOO_LARGE'],
    ['of Fastify', withCode('FST_ERR_CTP_INVALID_CONTENT_LENGTH', 400), 'INVALID_REQUEST'],
    ['of a connection to somewhere else that was reset', withCode('ECONNRESET'), 'INTERNAL'],
    ['of a library that claims to know a status', withCode('SOMETHING', 400), 'INTERNAL'],
    ['that nobody foresaw', new TypeError('x is not a function'), 'INTERNAL'],
    ['that is no error', 'a string', 'INTERNAL'],
    ['that is nothing', undefined, 'INTERNAL'],
  ])('%s', (_name, thrown, code) => {
    expect(toTesseraError(thrown).code).toBe(code);
  });

  it('of a client that went away in the middle of a body, which is how reading the request failed', () => {
    const aborted = withCode('ECONNRESET', 400);
    expect(toTesseraError(aborted, aborted).code).toBe('MALFORMED_BODY');
    expect(toTesseraError(new Error('another'), aborted).code).toBe('INTERNAL');
  });

  it('says nothing that did not come from us', () => {
    const problem = toProblem(toTesseraError(withCode('SQLITE_CORRUPT')), 'r-1');
    expect(JSON.stringify(problem)).not.toContain('secret');
    expect(problem).toMatchObject({ status: 500, code: 'INTERNAL', requestId: 'r-1' });
  });

  it('carries what the error has beside its message, and its members cannot be overruled', () => {
    const errors = [{ path: 'name.first', message: 'must be string' }];
    const error = new TesseraError('REVISION_MISMATCH', 'Another revision.', {
      errors,
      extra: { revision: 4, code: 'X' },
    });
    expect(toProblem(error, 'r-1')).toEqual({
      type: 'urn:tessera:error:REVISION_MISMATCH',
      title: 'The fragment is at another revision',
      status: 422,
      code: 'REVISION_MISMATCH',
      detail: 'Another revision.',
      requestId: 'r-1',
      revision: 4,
      errors,
    });
  });
});
