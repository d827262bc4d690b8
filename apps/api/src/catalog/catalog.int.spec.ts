import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

import { namingSecret } from '#core';
import { createLogger, Metrics } from '#observability';

import { openEmbeddedEngines, type EmbeddedEngines } from '../../../../test/support/embedded-engines.js';
import { fetchJson, type JsonAnswer, type JsonRequest } from '../../../../test/support/fetch-json.js';
import { batchSettings, ServeConfig } from '../common/config.js';
import { EnginesModule } from '../common/engines.module.js';
import { createHttpServer } from '../common/http-server.js';
import { ProblemFilter } from '../common/problem.filter.js';
import { validationPipe } from '../common/validation.js';
import { CatalogModule } from './catalog.module.js';

const NOW = '2010-12-01T08:26:00.000Z';
const logger = createLogger('silent', 'test');

@Module({})
class CatalogOnly {}

let engines: EmbeddedEngines;
let app: NestFastifyApplication;
let url: string;

beforeAll(async () => {
  engines = await openEmbeddedEngines();
  const outside = EnginesModule.with({
    eventLog: engines.log,
    readStore: engines.store,
    namingSecret: namingSecret('0'.repeat(64)),
    clock: { now: () => Date.parse(NOW) },
    mintId: randomUUID,
    logger,
    metrics: new Metrics(),
    projector: { notRunning: () => undefined },
    batches: batchSettings(new ServeConfig()),
  });
  const { adapter, allowedMethods } = createHttpServer({ apiKey: undefined, logger });
  const module = { module: CatalogOnly, imports: [outside, CatalogModule] };
  app = await NestFactory.create<NestFastifyApplication>(module, adapter, { bodyParser: false, logger: false });
  app.useGlobalFilters(new ProblemFilter(logger, allowedMethods));
  app.useGlobalPipes(validationPipe());
  await app.listen(0, '127.0.0.1');
  url = await app.getUrl();
});

afterAll(async () => {
  await app.close();
  await engines.dispose();
});

const send = (method: string, path: string, body?: unknown, more: JsonRequest = {}): Promise<JsonAnswer> =>
  fetchJson(url, path, { method, ...(body !== undefined && { body }), ...more });
const get = (path: string, more?: JsonRequest) => send('GET', path, undefined, more);
const problem = (status: number, code: string, ...paths: readonly string[]) => ({
  status,
  body: { status, code, ...(paths.length > 0 && { errors: paths.map((path) => ({ path })) }) },
});

const CRMID = { name: 'CRM id', idType: 'CROSS_DEVICE' };
const CRM = {
  title: 'CRM customers',
  class: 'profile',
  schema: {
    properties: {
      crmId: { type: 'string' },
      email: { type: 'string', format: 'email' },
      constructor: { type: 'string' },
    },
    required: ['crmId'],
  },
  identities: [
    { path: 'crmId', namespace: 'CRMID', primary: true },
    { path: 'email', namespace: 'Email' },
  ],
};

describe('sandboxes', () => {
  it('are created, given another title and listed, with prod there from the start', async () => {
    const created = await send('PUT', '/v1/sandboxes/dev', { title: 'Development' });
    expect(created).toMatchObject({ status: 201, body: { name: 'dev', title: 'Development', createdAt: NOW } });
    expect(created.token).toMatch(/^[0-9a-f]+$/);
    expect(await send('PUT', '/v1/sandboxes/dev', { title: 'Development' })).toMatchObject({ status: 200 });
    const retitled = await send('PUT', '/v1/sandboxes/dev', { title: 'Playground' });
    expect(retitled).toMatchObject({ status: 200, body: { title: 'Playground' } });
    const prod = { name: 'prod', title: 'Production', createdAt: NOW };
    expect((await get('/v1/sandboxes')).body).toEqual({ items: [{ ...prod, name: 'dev', title: 'Playground' }, prod] });
    expect((await get('/v1/sandboxes/prod')).body).toEqual(prod);
  });

  it('are refused by name, title and members', async () => {
    expect(await send('PUT', '/v1/sandboxes/Dev', { title: 'D' })).toMatchObject(
      problem(400, 'INVALID_REQUEST', 'name'),
    );
    expect(await send('PUT', '/v1/sandboxes/x', {})).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
    expect(await send('PUT', '/v1/sandboxes/x', { title: 'X', id: 1 })).toMatchObject(
      problem(400, 'INVALID_REQUEST', 'id'),
    );
    expect(await get('/v1/sandboxes/none')).toMatchObject(problem(404, 'SANDBOX_NOT_FOUND'));
  });
});

describe('namespaces', () => {
  it('are defined once, compare without case and never change', async () => {
    const answer = { code: 'CRMID', ...CRMID, caseSensitive: true, builtIn: false, createdAt: NOW };
    expect(await send('PUT', '/v1/namespaces/CRMID', CRMID)).toMatchObject({ status: 201, body: answer });
    expect(await send('PUT', '/v1/namespaces/CRMID', CRMID)).toMatchObject({ status: 200, body: answer });
    expect((await get('/v1/namespaces/crmid')).body).toEqual(answer);
    const other = await send('PUT', '/v1/namespaces/CRMID', { ...CRMID, idType: 'COOKIE' });
    expect(other).toMatchObject(problem(409, 'NAMESPACE_DIFFERS', 'idType'));
    expect(await send('PUT', '/v1/namespaces/X', { ...CRMID, idType: 'cookie' })).toMatchObject(
      problem(400, 'INVALID_REQUEST', 'idType'),
    );
    expect(await get('/v1/namespaces/none')).toMatchObject(problem(404, 'NAMESPACE_NOT_FOUND'));
  });

  it('are listed page by page, the built-in ones among them', async () => {
    const codes: string[] = [];
    let next: string | undefined;
    do {
      const { body } = await get(`/v1/namespaces?limit=5${next === undefined ? '' : `&cursor=${next}`}`);
      const page = body as { readonly items: readonly { readonly code: string }[]; readonly next?: string };
      codes.push(...page.items.map(({ code }) => code));
      next = page.next;
    } while (next !== undefined);
    expect(codes).toHaveLength(18);
    expect(codes).toEqual(expect.arrayContaining(['CRMID', 'ECID', 'Email', 'b2b_account']));
    expect(await get('/v1/namespaces?cursor=nonsense')).toMatchObject(problem(400, 'INVALID_CURSOR'));
    expect(await get('/v1/namespaces?limit=1001')).toMatchObject(problem(400, 'INVALID_REQUEST', 'limit'));
  });
});

describe('schemas and datasets', () => {
  it('are defined, enabled and answered as they are', async () => {
    await send('PUT', '/v1/namespaces/CRMID', CRMID);
    const identities = CRM.identities.map((descriptor) => ({ primary: false, ...descriptor }));
    const times = { createdAt: NOW, updatedAt: NOW };
    const more = { fieldGroups: [], identities, identityMap: false };
    const schema = { id: 'crm', version: 1, ...CRM, ...more, enabled: false, ...times };
    expect(await send('PUT', '/v1/schemas/crm', CRM)).toMatchObject({ status: 201, body: schema });
    expect((await send('PUT', '/v1/schemas/crm', CRM)).status).toBe(200);
    expect((await get('/v1/schemas/crm')).body).toEqual(schema);

    const dataset = { id: 'crm', schema: 'crm', upsert: false, ordering: 'arrival', enabled: false, ...times };
    const settings = { schema: 'crm', upsert: false, ordering: 'arrival' };
    expect(await send('PUT', '/v1/datasets/crm', settings)).toMatchObject({ status: 201, body: dataset });
    expect(await send('PUT', '/v1/datasets/crm', { schema: 'crm' })).toMatchObject({ status: 200, body: dataset });
    const early = await send('POST', '/v1/datasets/crm/enable');
    expect(early).toMatchObject(problem(409, 'SCHEMA_NOT_ENABLED'));

    const enabledSchema = await send('POST', '/v1/schemas/crm/enable');
    expect(enabledSchema).toMatchObject({ status: 200, body: { enabled: true } });
    const enabled = await send('POST', '/v1/datasets/crm/enable', { backfill: false });
    expect(enabled).toMatchObject({ status: 200, body: { enabled: true } });
    const disabled = await send('POST', '/v1/datasets/crm/disable');
    expect(disabled).toMatchObject({ status: 200, body: { enabled: false } });

    const longer = { ...CRM.schema, properties: { ...CRM.schema.properties, phone: { type: 'string' } } };
    const extended = await send('PUT', '/v1/schemas/crm', { ...CRM, schema: longer });
    expect(extended).toMatchObject({ status: 200, body: { version: 2, enabled: true, schema: longer } });
    const narrowed = await send('PUT', '/v1/schemas/crm', CRM);
    expect(narrowed).toMatchObject(problem(409, 'SCHEMA_INCOMPATIBLE', 'phone'));
    expect((await get('/v1/schemas')).body).toMatchObject({ items: [{ id: 'crm', version: 2 }] });
    expect((await get('/v1/datasets')).body).toMatchObject({ items: [{ id: 'crm', enabled: false }] });
  });

  it('are refused with a code and the paths that are wrong', async () => {
    const loyalty = {
      ...CRM,
      schema: { properties: { crmId: { type: 'string' }, phone: { type: 'integer' } } },
      identities: CRM.identities.slice(0, 1),
    };
    expect((await send('PUT', '/v1/schemas/loyalty', loyalty)).status).toBe(201);
    const conflict = await send('POST', '/v1/schemas/loyalty/enable');
    expect(conflict).toMatchObject(problem(409, 'UNION_CONFLICT', 'phone'));
    expect(conflict.body).toMatchObject({
      conflicts: [{ path: 'phone', types: ['string', 'integer'], schemas: ['crm', 'loyalty'] }],
    });
    expect((await send('PUT', '/v1/schemas/anonymous', { ...CRM, identities: [] })).status).toBe(201);
    expect(await send('POST', '/v1/schemas/anonymous/enable')).toMatchObject(problem(422, 'NO_PRIMARY_IDENTITY'));
    expect(await send('POST', '/v1/schemas/none/enable')).toMatchObject(problem(404, 'SCHEMA_NOT_FOUND'));
    expect(await send('PUT', '/v1/schemas/x', { ...CRM, class: 'Account' })).toMatchObject(
      problem(422, 'SCHEMA_INVALID', 'class'),
    );
    const wrong = { ...CRM, schema: { properties: { crmId: { type: 'text' } } } };
    expect(await send('PUT', '/v1/schemas/x', wrong)).toMatchObject({ status: 422, body: { code: 'SCHEMA_INVALID' } });
    expect(await send('PUT', '/v1/schemas/x', { ...CRM, schema: [] })).toMatchObject(
      problem(400, 'INVALID_REQUEST', 'schema'),
    );
    expect(await send('PUT', '/v1/schemas/x', { ...CRM, identities: [{ path: 1 }] })).toMatchObject({ status: 400 });
    expect(await send('PUT', '/v1/schemas/x', '[]')).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
    expect(await send('PUT', '/v1/schemas/x', { ...CRM, title: { constructor: {} } })).toMatchObject(
      problem(400, 'INVALID_REQUEST'),
    );
    expect(await send('PUT', '/v1/datasets/crm', { schema: 'loyalty' })).toMatchObject(
      problem(409, 'DATASET_DIFFERS', 'schema'),
    );
    expect(await send('PUT', '/v1/datasets/new', { schema: 'none' })).toMatchObject(
      problem(404, 'SCHEMA_NOT_FOUND', 'schema'),
    );
    expect(await send('PUT', '/v1/datasets/crm', { schema: 'crm', upsert: true })).toMatchObject(
      problem(409, 'DATASET_DIFFERS', 'upsert'),
    );
    expect(await send('PUT', '/v1/datasets/new', { schema: 'crm', upsert: 'yes' })).toMatchObject(
      problem(400, 'INVALID_REQUEST', 'upsert'),
    );
    expect(await send('POST', '/v1/datasets/crm/enable', { backfill: 'yes' })).toMatchObject(
      problem(400, 'INVALID_REQUEST', 'backfill'),
    );
    expect(await get('/v1/datasets/none')).toMatchObject(problem(404, 'DATASET_NOT_FOUND'));
  });

  it('survive a schema that nests without reason', async () => {
    let schema: object = { type: 'string' };
    for (let i = 0; i < 100; i += 1) schema = { not: schema };
    expect(await send('PUT', '/v1/schemas/deep', { ...CRM, schema })).toMatchObject({
      body: { code: 'SCHEMA_INVALID' },
    });
    const body = `{"title":"T","class":"profile","schema":${'{"not":'.repeat(10_000)}{}${'}'.repeat(10_000)}}`;
    expect(await send('PUT', '/v1/schemas/deep', body)).toMatchObject({
      status: 400,
      body: { code: 'MALFORMED_BODY' },
    });
  });
});

describe('every request', () => {
  it('is about one sandbox only', async () => {
    await send('PUT', '/v1/sandboxes/apart', { title: 'Apart' });
    await send('PUT', '/v1/namespaces/ONLY_PROD', CRMID);
    expect(await get('/v1/namespaces/ONLY_PROD', { sandbox: 'apart' })).toMatchObject(
      problem(404, 'NAMESPACE_NOT_FOUND'),
    );
    expect((await send('PUT', '/v1/namespaces/ONLY_PROD', CRMID, { sandbox: 'apart' })).status).toBe(201);
    for (const sandbox of ['none', 'PROD', '%2e%2e', '__proto__']) {
      expect(await get('/v1/namespaces', { sandbox })).toMatchObject(problem(404, 'SANDBOX_NOT_FOUND'));
    }
  });

  it('sees the write that it names, or is told that it is no write of this log', async () => {
    const { token } = await send('PUT', '/v1/namespaces/TOKEN', CRMID);
    expect((await get('/v1/namespaces/TOKEN', { token })).status).toBe(200);
    expect(await get('/v1/namespaces/TOKEN', { token: 'abc' })).toMatchObject(problem(400, 'INVALID_REQUEST'));
    expect(await get('/v1/namespaces/TOKEN', { token: 'nonsense' })).toMatchObject(problem(400, 'INVALID_REQUEST'));
  });
});
