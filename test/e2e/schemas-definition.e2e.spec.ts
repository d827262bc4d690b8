import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { JsonObject } from '#core';

import { CatalogRequests, CRM_PROPERTIES, problem, schemaBody } from '../support/catalog/requests.js';
import { sendItems } from '../support/crm-catalog.js';
import { killServices, startService, type Service } from '../support/service.js';

let service: Service;
const catalog = new CatalogRequests(() => service);
const text = { type: 'string' };

beforeAll(async () => {
  service = await startService();
  await catalog.namespace('CRMID', 'CROSS_DEVICE');
  await catalog.namespace('SKU', 'NON_PEOPLE');
});
afterAll(() => service.stop());
afterAll(killServices);

describe('a schema is refused', () => {
  const withProperty = (property: unknown) => schemaBody({ a: property as JsonObject });
  const withSchema = (schema: JsonObject) => ({ ...schemaBody(), schema });
  const withIdentities = (...identities: readonly JsonObject[]) => schemaBody(CRM_PROPERTIES, { identities });
  const crmId = { path: 'crmId', namespace: 'CRMID', primary: true };

  it.each<[string, JsonObject, string, string]>([
    ['a type that JSON Schema does not have', withProperty({ type: 'text' }), 'schema.properties.a.type', 'enum'],
    [
      'a minimum that is no number',
      withProperty({ type: 'integer', minimum: '1' }),
      'schema.properties.a.minimum',
      'type',
    ],
    ['required that is no list', withSchema({ properties: {}, required: 'a' }), 'schema.required', 'type'],
    [
      'a misspelt keyword',
      withProperty({ type: 'string', maxLenght: 3 }),
      'schema.properties.a.maxLenght',
      'maxLenght',
    ],
    ['another draft', withSchema({ $schema: 'http://json-schema.org/draft-07/schema#' }), 'schema.$schema', ''],
    ['no type', withProperty({}), 'schema.properties.a', 'type'],
    ['two types', withProperty({ type: ['string', 'null'] }), 'schema.properties.a.type', 'type'],
    ['a format that is not checked', withProperty({ ...text, format: 'iban' }), 'schema.properties.a.format', 'format'],
    ['a pattern that is none', withProperty({ ...text, pattern: '(' }), 'schema.properties.a.pattern', 'pattern'],
    [
      'a pattern that looks back',
      withProperty({ ...text, pattern: '(a)\\1' }),
      'schema.properties.a.pattern',
      'pattern',
    ],
    [
      'a pattern that grows without bound',
      withProperty({ ...text, pattern: '((a{1,99}){1,99}){1,99}' }),
      'schema.properties.a.pattern',
      'pattern',
    ],
    ['a reference to nothing', withProperty({ $ref: '#/$defs/b' }), 'schema.properties.a.$ref', '$ref'],
    ['a reference to elsewhere', withProperty({ $ref: 'https://example.org/s' }), 'schema.properties.a.$ref', '$ref'],
    ['a reference to its root', withProperty({ $ref: '#' }), 'schema.properties.a.$ref', '$ref'],
    [
      'itself within itself',
      withSchema({
        $defs: { node: { properties: { parent: { $ref: '#/$defs/node' } } } },
        properties: { crmId: text, tree: { $ref: '#/$defs/node' } },
      }),
      'schema.$defs.node.properties.parent.$ref',
      '$ref',
    ],
    [
      'two schemas within each other',
      withSchema({
        $defs: { a: { properties: { b: { $ref: '#/$defs/b' } } }, b: { properties: { a: { $ref: '#/$defs/a' } } } },
        properties: { crmId: text, a: { $ref: '#/$defs/a' } },
      }),
      'schema.$defs.b.properties.a.$ref',
      '$ref',
    ],
    [
      'what it requires and does not declare',
      withSchema({ properties: { crmId: text }, required: ['b'] }),
      'schema',
      'required',
    ],
    [
      'a second type for what its class declares',
      schemaBody({ identityMap: text }),
      'schema.properties.identityMap',
      'type',
    ],
    ['a second primary identity', withIdentities(crmId, { ...crmId, path: 'email' }), 'identities[1].primary', ''],
    ['an identity at a path that is not there', withIdentities({ ...crmId, path: 'crm.id' }), 'identities[0].path', ''],
    ['an identity that is an object', withIdentities({ ...crmId, path: 'name' }), 'identities[0].path', ''],
    ['an identity in an array', withIdentities({ ...crmId, path: 'tags[*]' }), 'identities[0].path', ''],
    ['two identities at one path', withIdentities(crmId, { ...crmId, primary: false }), 'identities[1].path', ''],
    ['an identity of no namespace', withIdentities({ ...crmId, namespace: 'NONE' }), 'identities[0].namespace', ''],
    ['a class in another spelling', { ...schemaBody(), class: 'ExperienceEvent' }, 'class', ''],
    ['a class that no name can have', { ...schemaBody(), class: 'a b' }, 'class', ''],
    ['an account that a person owns', { ...schemaBody(), class: 'account' }, 'identities[0].namespace', ''],
    [
      'an account with an identityMap',
      schemaBody({}, { class: 'account', identities: [], identityMap: true }),
      'identityMap',
      '',
    ],
  ])('for %s', async (_, body, path, keyword) => {
    const error = { path, message: expect.any(String) as unknown, ...(keyword !== '' && { keyword }) };
    const answer = await catalog.put('schemas/bad', body);
    expect(answer).toEqual(expect.objectContaining({ status: 422 }));
    expect(answer.body).toMatchObject({ code: 'SCHEMA_INVALID', errors: [error] });
    expect(await catalog.get('schemas/bad')).toMatchObject(problem(404, 'SCHEMA_NOT_FOUND'));
  });

  it.each<[string, JsonObject, string]>([
    ['without a title', { ...schemaBody(), title: 7 }, 'title'],
    ['without a schema', { ...schemaBody(), schema: [] }, 'schema'],
    ['with a member that nobody knows', { ...schemaBody(), fieldgroups: [] }, 'fieldgroups'],
    ['with field groups that are no ids', schemaBody({}, { fieldGroups: [7] }), 'fieldGroups'],
    ['with field groups that are no list', schemaBody({}, { fieldGroups: 'contact' }), 'fieldGroups'],
    ['with an identity that is not one', schemaBody({}, { identities: [{ path: 'a' }] }), 'identities.0.namespace'],
  ])('as a request %s', async (_, body, path) => {
    const answer = await catalog.put('schemas/bad', body);
    expect(answer).toMatchObject(problem(400, 'INVALID_REQUEST'));
    expect((answer.body as { errors: readonly JsonObject[] }).errors.map((error) => error['path'])).toContain(path);
  });

  it('when a pattern takes backtracking minutes, only by what it does not match', async () => {
    await catalog.schema('slow', schemaBody({ a: { ...text, pattern: '^(a+)+$' } }));
    await catalog.dataset('slow', 'slow');
    const answer = await sendItems(service, 'slow/records', [{ crmId: '7', a: `${'a'.repeat(5_000)}!` }]);
    expect(answer).toMatchObject({ status: 422, body: { results: [{ errors: [{ path: 'a', keyword: 'pattern' }] }] } });
  });
});

describe('a schema that a dataset names', () => {
  beforeAll(async () => {
    const identities = [
      { path: 'crmId', namespace: 'CRMID', primary: true },
      { path: 'email', namespace: 'Email', primary: false },
    ];
    await catalog.schema('used', schemaBody(CRM_PROPERTIES, { identities }));
    await catalog.dataset('used', 'used');
  });

  const email = { path: 'email', namespace: 'Email', primary: false };
  const changed = (properties: JsonObject, more: JsonObject = {}) =>
    schemaBody(
      { ...CRM_PROPERTIES, ...properties },
      { identities: [{ path: 'crmId', namespace: 'CRMID', primary: true }, email], ...more },
    );
  const { tags: _tags, ...withoutTags } = CRM_PROPERTIES;

  it.each<[string, JsonObject, JsonObject]>([
    [
      'a property less',
      schemaBody(withoutTags, { identities: changed({})['identities']! }),
      { path: 'tags', keyword: 'properties' },
    ],
    ['another type', changed({ tags: text }), { path: 'tags', keyword: 'type' }],
    [
      'another type of elements',
      changed({ tags: { items: { type: 'integer' } } }),
      { path: 'tags[*]', keyword: 'type' },
    ],
    [
      'another type further down',
      changed({ name: { properties: { first: { type: 'integer' }, last: text } } }),
      { path: 'name.first', keyword: 'type' },
    ],
    ['a list of values', changed({ crmId: { ...text, enum: ['7'] } }), { path: 'crmId', keyword: 'enum' }],
    ['a new condition', changed({ crmId: { ...text, maxLength: 9 } }), { path: 'crmId', keyword: 'maxLength' }],
    ['no format any more', changed({ email: text }), { path: 'email', keyword: 'format' }],
    ['another class', changed({}, { class: 'experienceevent' }), { path: 'class' }],
    [
      'an identity less',
      changed({}, { identities: [{ path: 'crmId', namespace: 'CRMID', primary: true }] }),
      { path: 'identities' },
    ],
    [
      'another primary identity',
      changed(
        {},
        {
          identities: [
            { path: 'crmId', namespace: 'CRMID', primary: false },
            { ...email, primary: true },
          ],
        },
      ),
      { path: 'identities' },
    ],
  ])('cannot get %s', async (_, body, error) => {
    const reason = { ...error, message: expect.any(String) as unknown };
    const answer = await catalog.put('schemas/used', body);
    expect(answer.body).toMatchObject({ code: 'SCHEMA_INCOMPATIBLE', status: 409 });
    expect((answer.body as { errors: readonly JsonObject[] }).errors).toContainEqual(expect.objectContaining(reason));
    expect((await catalog.get('schemas/used')).body).toMatchObject({ version: 1 });
  });

  it('cannot require what was optional or is new', async () => {
    const required = { properties: { ...CRM_PROPERTIES, phone: text }, required: ['email', 'phone'] };
    expect(await catalog.put('schemas/used', changed({}, { schema: required }))).toMatchObject(
      problem(409, 'SCHEMA_INCOMPATIBLE', [
        { path: 'email', keyword: 'required', message: 'was optional, cannot become required' },
        { path: 'phone', keyword: 'required', message: 'is new, and so cannot be required' },
      ]),
    );
  });

  it('takes additions, also of identities, and items may have them at once', async () => {
    const phone = { path: 'phone', namespace: 'Phone', primary: false };
    const identities = [{ path: 'crmId', namespace: 'CRMID', primary: true }, email, phone];
    const before = await sendItems(service, 'used/records', [{ crmId: '7', phone: '+390612345678' }]);
    expect(before).toMatchObject({ status: 422, body: { results: [{ code: 'SCHEMA_VIOLATION' }] } });
    const answer = await catalog.put('schemas/used', changed({ phone: text }, { identities }));
    expect(answer).toMatchObject({ status: 200, body: { version: 2, identities } });
    const after = await sendItems(service, 'used/records', [{ crmId: '7', phone: '+390612345678' }]);
    expect(after).toMatchObject({ status: 202, body: { accepted: 1 } });
  });

  it('cannot be deleted: 409 SCHEMA_IN_USE, with the datasets', async () => {
    const answer = await catalog.delete('schemas/used');
    expect(answer).toMatchObject(problem(409, 'SCHEMA_IN_USE', undefined, { datasets: ['used'] }));
    expect((await catalog.get('schemas/used')).status).toBe(200);
  });
});

describe('a schema that no dataset names', () => {
  it('can be replaced by any other', async () => {
    await catalog.schema('draft', schemaBody());
    expect(await catalog.put('schemas/draft', schemaBody({ email: { type: 'integer' } }))).toMatchObject({
      status: 200,
      body: { version: 2 },
    });
  });

  it('can be deleted, and is gone from where the token says', async () => {
    await catalog.schema('gone', schemaBody());
    const { status, body, token } = await catalog.delete('schemas/gone');
    expect({ status, body }).toEqual({ status: 204, body: '' });
    expect(await service.fetch('/v1/schemas/gone', { token })).toMatchObject(problem(404, 'SCHEMA_NOT_FOUND'));
    expect(await catalog.delete('schemas/gone')).toMatchObject(problem(404, 'SCHEMA_NOT_FOUND'));
    expect(await catalog.put('schemas/gone', schemaBody())).toMatchObject({ status: 201, body: { version: 1 } });
  });
});

describe('a schema of a class whose items nobody owns', () => {
  const identities = [{ path: 'accountKey.sourceKey', namespace: 'b2b_account', primary: true }];
  const account = schemaBody({ name: text }, { class: 'account', identities });

  it('is defined, extended and enabled like any other, with what its class declares', async () => {
    expect(await catalog.put('schemas/account', account)).toMatchObject({ status: 201, body: { class: 'account' } });
    expect(await catalog.post('schemas/account/enable')).toMatchObject({ status: 200, body: { enabled: true } });
    const longer = schemaBody({ name: text, website: text }, { class: 'account', identities });
    expect(await catalog.put('schemas/account', longer)).toMatchObject({ status: 200, body: { version: 2 } });
    const { paths } = (await catalog.get('unions/account')).body as { paths: readonly JsonObject[] };
    expect(paths).toContainEqual({ path: 'website', type: 'string', schemas: ['account'] });
    expect(paths).toContainEqual({ path: 'accountKey.sourceKey', type: 'string', schemas: ['account'] });
  });

  it('may be of a class of the user’s own', async () => {
    const product = { class: 'product', identities: [{ path: 'sku', namespace: 'SKU', primary: true }] };
    await catalog.schema('product', schemaBody({ sku: text }, product), 'enabled');
    expect((await catalog.get('unions/product')).body).toMatchObject({ class: 'product', schemas: ['product'] });
  });

  it('has no datasets yet: what nobody owns must not come among profiles', async () => {
    await catalog.schema('opportunity', schemaBody({}, { class: 'opportunity', identities: [] }));
    expect(await catalog.put('datasets/deals', { schema: 'opportunity' })).toMatchObject(
      problem(422, 'NOT_SUPPORTED', [{ path: 'schema' }]),
    );
    expect((await catalog.get('datasets/deals')).status).toBe(404);
  });
});

it('the catalog is the same after a restart', async () => {
  const lists = ['schemas', 'unions', 'unions/account', 'namespaces'];
  const before = await Promise.all(lists.map((list) => catalog.get(list)));
  await service.kill('SIGKILL');
  service = await service.restart();
  const after = await Promise.all(lists.map((list) => catalog.get(list)));
  expect(after.map(({ body }) => body)).toEqual(before.map(({ body }) => body));
});
