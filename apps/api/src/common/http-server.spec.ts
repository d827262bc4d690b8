import { connect, type AddressInfo } from 'node:net';
import { Readable } from 'node:stream';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, Module, Param, Post, Query, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { IsInt, ValidateNested } from 'class-validator';
import { Type as Nested } from 'class-transformer';
import type { FastifyInstance } from 'fastify';

import { createLogger } from '#observability';

import { AskedSandbox } from '../catalog/asked-sandbox.decorator.js';
import type { SandboxRequest } from '../catalog/catalog-tail.js';
import { BODY_LIMIT, ITEMS_BODY_LIMIT, TakesItems, type ItemsBody } from './body.js';
import { createHttpServer } from './http-server.js';
import { ProblemFilter } from './problem.filter.js';
import { validationPipe } from './validation.js';

class Inner {
  @IsInt()
  readonly count!: number;
}

class Outer {
  @Nested(() => Inner)
  @ValidateNested()
  readonly inner!: Inner;
}

@Controller()
class EchoController {
  @Get('v1/values/:ns/:id')
  value(@Param('ns') namespace: string, @Param('id') id: string) {
    return { namespace, id };
  }

  @Get('v1/query')
  query(@Query('id') id: string) {
    return { id };
  }

  @Get('v1/context')
  context(@AskedSandbox() { sandbox, token }: SandboxRequest) {
    return { sandbox, token };
  }

  @Post('v1/things')
  thing(@Body() body: unknown) {
    return { body };
  }

  @Post('v1/validated')
  validated(@Body() body: Outer) {
    return { count: body.inner.count };
  }

  @Post('v1/datasets/:id/records')
  @TakesItems()
  async items(@Body() body: ItemsBody) {
    if (!(body instanceof Readable)) return { kind: 'bytes', length: body?.length ?? 0 };
    let length = 0;
    for await (const chunk of body) length += (chunk as Buffer).length;
    return { kind: 'stream', length };
  }

  @Get('v1/broken')
  broken() {
    throw new Error('the password is swordfish');
  }

  @Get('health/live')
  live() {
    return {};
  }
}

@Module({ controllers: [EchoController] })
class EchoModule {}

async function appWith(
  apiKey: string | undefined,
  prepare: (server: FastifyInstance) => void = () => undefined,
): Promise<NestFastifyApplication> {
  const logger = createLogger('silent', 'test');
  const { adapter, allowedMethods } = createHttpServer({ apiKey, logger });
  prepare(adapter.getInstance());
  const app = await NestFactory.create<NestFastifyApplication>(EchoModule as Type, adapter, {
    bodyParser: false,
    logger: false,
  });
  app.useGlobalFilters(new ProblemFilter(logger, allowedMethods));
  app.useGlobalPipes(validationPipe());
  await app.init();
  await adapter.getInstance().ready();
  return app;
}

const json = { 'content-type': 'application/json' };

describe('the HTTP server', () => {
  let app: NestFastifyApplication;

  beforeAll(async () => {
    app = await appWith(undefined);
  });
  afterAll(() => app.close());

  const get = (url: string, headers: Record<string, string> = {}) => app.inject({ method: 'GET', url, headers });
  const post = (url: string, payload: string | Buffer, headers: Record<string, string> = json) =>
    app.inject({ method: 'POST', url, payload, headers });

  describe('identity values in the path', () => {
    const arrives = async (id: string): Promise<void> => {
      const answer = await get(`/v1/values/Email/${encodeURIComponent(id)}`);
      expect(answer.json()).toEqual({ namespace: 'Email', id });
      expect((await get(`/v1/query?id=${encodeURIComponent(id)}`)).json()).toEqual({ id });
    };

    it.each(['a/b', 'a b', '100%', '%2F', '%25', '\u{1F98A}', 'a?b#c', 'ona@example.org', '+1 (555) 0100', '..;/'])(
      'arrive as they were before encoding: %s',
      arrives,
    );

    it.each([
      ['ASCII', 'x'],
      ['of four bytes each', '\u{1F98A}'],
    ])('may have 1,024 characters, %s', (_name, character) => arrives(character.repeat(1_024)));

    it.each(['/v1/values/Email/%', '/v1/values/Email/%zz', '/v1/values/Email/%E0%A4', '/v1/query?id=%E0%A4'])(
      'that are not percent-encoding are refused: %s',
      async (url) => {
        const answer = await get(url);
        expect(answer.statusCode).toBe(400);
        expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
        expect(answer.json()).toMatchObject({ status: 400, code: 'INVALID_REQUEST' });
      },
    );

    it('that are longer than any identity are refused', async () => {
      expect((await get(`/v1/values/Email/${'x'.repeat(5_000)}`)).json()).toMatchObject({ code: 'INVALID_REQUEST' });
    });
  });

  describe('bodies', () => {
    it('reach their handler parsed', async () => {
      expect((await post('/v1/things', '{"a":[1]}')).json()).toEqual({ body: { a: [1] } });
    });

    it('may be missing', async () => {
      expect((await post('/v1/things', '')).json()).toEqual({});
    });

    it.each([
      ['broken', '{"a":'],
      ['with a __proto__ key', '{"__proto__":{"a":1}}'],
      ['with an escaped __proto__ key', '{"\\u005f_proto__":{"a":1}}'],
      ['with a constructor.prototype', '{"constructor":{"prototype":{"a":1}}}'],
      ['10,000 levels deep', '['.repeat(10_000) + ']'.repeat(10_000)],
      ['not UTF-8', Buffer.from([0x22, 0xc3, 0x28, 0x22])],
    ])('%s are refused as a whole', async (_name, body) => {
      const answer = await post('/v1/things', body);
      expect(answer.statusCode).toBe(400);
      expect(answer.json()).toMatchObject({ code: 'MALFORMED_BODY', status: 400 });
    });

    it('are counted for nesting outside strings only', async () => {
      const body = JSON.stringify({ text: `${'['.repeat(300)}"\\` });
      expect((await post('/v1/things', body)).json()).toEqual({ body: JSON.parse(body) as unknown });
    });

    it('have a limit', async () => {
      const answer = await post('/v1/things', `"${'x'.repeat(BODY_LIMIT)}"`);
      expect(answer.statusCode).toBe(413);
      expect(answer.json()).toMatchObject({ code: 'BODY_TOO_LARGE' });
    });

    it('of another media type are refused', async () => {
      for (const type of ['text/plain', 'application/xml', 'application/x-ndjson', 'nonsense']) {
        const answer = await post('/v1/things', '{}', { 'content-type': type });
        expect(answer.statusCode).toBe(415);
        expect(answer.json()).toMatchObject({ code: 'UNSUPPORTED_MEDIA_TYPE' });
      }
    });

    it('of items arrive as bytes or as a stream', async () => {
      const url = '/v1/datasets/crm/records';
      expect((await post(url, '[{"__proto__":1}')).json()).toEqual({ kind: 'bytes', length: 16 });
      const lines = '{"a":1}\n'.repeat((ITEMS_BODY_LIMIT / 8) * 1.5);
      const streamed = await post(url, lines, { 'content-type': 'application/x-ndjson; charset=utf-8' });
      expect(streamed.json()).toEqual({ kind: 'stream', length: lines.length });
      const tooMuch = await post(url, lines);
      expect(tooMuch.statusCode).toBe(413);
    });

    it('that do not fit their DTO name every wrong member', async () => {
      const answer = await post('/v1/validated', '{"inner":{"count":"x","more":1}}');
      expect(answer.statusCode).toBe(400);
      expect(answer.json()).toMatchObject({ code: 'INVALID_REQUEST' });
      const { errors } = answer.json<{ errors: { path: string }[] }>();
      expect(errors.map(({ path }) => path).sort()).toEqual(['inner.count', 'inner.more']);
    });
  });

  describe('paths', () => {
    it('that are unknown are 404', async () => {
      const answer = await get('/v1/nowhere');
      expect(answer.statusCode).toBe(404);
      expect(answer.json()).toMatchObject({ code: 'NOT_FOUND', type: 'urn:tessera:error:NOT_FOUND' });
    });

    it('that do not take the method say which they take', async () => {
      const answer = await app.inject({ method: 'DELETE', url: '/v1/values/Email/a%2Fb' });
      expect(answer.statusCode).toBe(405);
      expect(answer.headers['allow']).toBe('GET,HEAD');
      expect(answer.json()).toMatchObject({ code: 'METHOD_NOT_ALLOWED' });
    });
  });

  it('tells nothing about what went wrong inside', async () => {
    const answer = await get('/v1/broken');
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain('swordfish');
    expect(answer.json()).toMatchObject({ code: 'INTERNAL', requestId: answer.headers['x-request-id'] });
  });

  it('takes sandbox and token from the headers', async () => {
    expect((await get('/v1/context')).json()).toEqual({ sandbox: 'prod' });
    const headers = { 'x-sandbox-name': 'dev', 'x-consistency-token': '00ff' };
    expect((await get('/v1/context', headers)).json()).toEqual({ sandbox: 'dev', token: '00ff' });
  });

  it.each(['', ' ', 'Dév', '__proto__', 'a/b', '../x', "'; drop", 'x'.repeat(65)])(
    'has no sandbox that is called %p',
    async (name) => {
      const answer = await get('/v1/context', { 'x-sandbox-name': name });
      expect(answer.statusCode).toBe(404);
      expect(answer.json()).toMatchObject({ code: 'SANDBOX_NOT_FOUND' });
    },
  );

  it.each(['', 'xyz', '-1', '00FF', '0'.repeat(65)])('refuses the token %p', async (token) => {
    const answer = await get('/v1/context', { 'x-consistency-token': token });
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'INVALID_REQUEST', errors: [{ path: 'x-consistency-token' }] });
  });
});

describe('an HTTP server on a socket', () => {
  let app: NestFastifyApplication;
  let decided: Promise<number>;

  beforeAll(async () => {
    app = await appWith(undefined, (server) => {
      decided = new Promise((resolve) => {
        server.addHook('onSend', async (_request, reply) => resolve(reply.statusCode));
      });
    });
    await app.listen(0, '127.0.0.1');
  });
  afterAll(() => app.close());

  it('takes a client that goes away in the middle of a body for what it is, and for no failure of its own', async () => {
    const { port } = app.getHttpServer().address() as AddressInfo;
    const socket = connect(port, '127.0.0.1');
    socket.write(
      'POST /v1/things HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{',
    );
    setImmediate(() => socket.end());
    expect(await decided).toBe(400);
  });
});

describe('an HTTP server with an API key', () => {
  let app: NestFastifyApplication;

  beforeAll(async () => {
    app = await appWith('s3cret-key');
  });
  afterAll(() => app.close());

  const status = async (url: string, authorization?: string) =>
    (await app.inject({ method: 'GET', url, headers: authorization === undefined ? {} : { authorization } }))
      .statusCode;

  it('serves who has it', async () => {
    expect(await status('/v1/query?id=1', 'Bearer s3cret-key')).toBe(200);
    expect(await status('/v1/query?id=1', 'bearer s3cret-key')).toBe(200);
  });

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Bearer s3cret-ke',
    'Bearer s3cret-keyy',
    'Basic s3cret-key',
    's3cret-key',
  ])('refuses %p', async (authorization) => {
    expect(await status('/v1/query?id=1', authorization)).toBe(401);
  });

  it('refuses before it says whether a path exists, or reads a body', async () => {
    expect(await status('/v1/nowhere')).toBe(401);
    expect(await status('/v1/values/Email/%zz')).toBe(401);
    expect(await status('/health/../v1/query')).toBe(401);
    const answer = await app.inject({ method: 'POST', url: '/v1/things', payload: '{', headers: json });
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
    expect(answer.json()).toMatchObject({ code: 'UNAUTHORIZED' });
  });

  it('answers probes', async () => {
    expect(await status('/health/live')).toBe(200);
  });
});
