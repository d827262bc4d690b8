import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { JsonObject } from '#core';

import { CatalogRequests, problem, schemaBody } from '../support/catalog/requests.js';
import { sendItems } from '../support/crm-catalog.js';
import { killServices, startService, type Service } from '../support/service.js';

let service: Service;
const catalog = new CatalogRequests(() => service);
const text = { type: 'string' };
const CONTACT = { phone: text, address: { type: 'object', properties: { city: text } } };

beforeAll(async () => {
  service = await startService();
  await catalog.namespace('CRMID', 'CROSS_DEVICE');
  await catalog.fieldGroup('contact', CONTACT);
  await catalog.schema('crm', schemaBody({}, { fieldGroups: ['contact'] }), 'enabled');
  await catalog.dataset('crm', 'crm');
  await catalog.post('datasets/crm/enable');
});
afterAll(() => service.stop());
afterAll(killServices);

const extend = (more: JsonObject, id = 'contact') =>
  catalog.put(`field-groups/${id}`, { properties: { ...CONTACT, ...more } });

describe('a field group', () => {
  it('is defined, answered, listed and deleted', async () => {
    const social = { title: 'Social', properties: { handle: text, constructor: text } };
    const created = await catalog.put('field-groups/social', social);
    const times = { createdAt: expect.any(String) as unknown, updatedAt: expect.any(String) as unknown };
    expect(created).toMatchObject({ status: 201 });
    expect(created.body).toEqual({ id: 'social', version: 1, ...social, ...times });
    expect(await catalog.put('field-groups/social', social)).toMatchObject({ status: 200, body: { version: 1 } });
    expect((await catalog.get('field-groups/social')).body).toEqual(created.body);
    const { items } = (await catalog.get('field-groups')).body as { items: readonly JsonObject[] };
    expect(items.map(({ id, title }) => [id, title])).toEqual([
      ['contact', 'contact'],
      ['social', 'Social'],
    ]);
    const { next } = (await catalog.get('field-groups?limit=1')).body as { next: string };
    expect((await catalog.get(`field-groups?cursor=${next}`)).body).toMatchObject({ items: [{ id: 'social' }] });

    const { status, body, token } = await catalog.delete('field-groups/social');
    expect({ status, body }).toEqual({ status: 204, body: '' });
    expect(await service.fetch('/v1/field-groups/social', { token })).toMatchObject(
      problem(404, 'FIELD_GROUP_NOT_FOUND'),
    );
    expect(await catalog.delete('field-groups/social')).toMatchObject(problem(404, 'FIELD_GROUP_NOT_FOUND'));
  });

  it.each<[string, unknown, string]>([
    ['an unknown type', { a: { type: 'text' } }, 'properties.a.type'],
    ['a property without a type', { a: {} }, 'properties.a'],
    ['a pattern that looks back', { a: { ...text, pattern: '(a)\\1' } }, 'properties.a.pattern'],
    ['a reference', { a: { $ref: '#/$defs/a' } }, 'properties.a.$ref'],
    ['a reference to itself', { a: { items: { $ref: '#' } } }, 'properties.a.items.$ref'],
  ])('is refused for %s', async (_, properties, path) => {
    expect(await catalog.put('field-groups/bad', { properties })).toMatchObject(
      problem(422, 'FIELD_GROUP_INVALID', [{ path }]),
    );
  });

  it.each<[string, unknown, string]>([
    ['without properties', {}, 'properties'],
    ['with properties that are a list', { properties: [] }, 'properties'],
    ['with a member that nobody knows', { properties: {}, required: ['a'] }, 'required'],
    ['that is no object', '[]', 'properties'],
  ])('is refused as a request %s', async (_, body, path) => {
    expect(await catalog.put('field-groups/bad', body)).toMatchObject(problem(400, 'INVALID_REQUEST', [{ path }]));
  });
});

describe('a schema that uses a field group', () => {
  it('names it, and its items may have what the group declares', async () => {
    expect((await catalog.get('schemas/crm')).body).toMatchObject({ fieldGroups: ['contact'] });
    const rome = { crmId: '7', address: { city: 'Rome' } };
    expect(await sendItems(service, 'crm/records', [rome, { crmId: '8', phone: 1 }])).toMatchObject({
      status: 207,
      body: { accepted: 1, results: [{ index: 1, errors: [{ path: 'phone', keyword: 'type' }] }] },
    });
  });

  it('may take its primary identity from there', async () => {
    const identities = [{ path: 'phone', namespace: 'Phone', primary: true }];
    await catalog.schema('calls', schemaBody({}, { fieldGroups: ['contact'], identities }));
  });

  it.each<[string, JsonObject, JsonObject]>([
    [
      'a group that is not there',
      schemaBody({}, { fieldGroups: ['none'] }),
      { path: 'fieldGroups[0]', message: 'there is no field group "none"' },
    ],
    [
      'a group twice',
      schemaBody({}, { fieldGroups: ['contact', 'contact'] }),
      { path: 'fieldGroups[1]', message: 'names a group for the second time' },
    ],
    [
      'another type than the group for the same property',
      schemaBody({ phone: { type: 'integer' } }, { fieldGroups: ['contact'] }),
      {
        path: 'fieldGroups[0].properties.phone',
        message: 'is string here and integer at schema.properties.phone',
      },
    ],
    [
      'two groups with two types for one property',
      schemaBody({}, { fieldGroups: ['contact', 'numbers'] }),
      {
        path: 'fieldGroups[1].properties.phone',
        message: 'is integer here and string at fieldGroups[0].properties.phone',
      },
    ],
  ])('is refused for %s', async (_, body, error) => {
    await catalog.fieldGroup('numbers', { phone: { type: 'integer' } });
    expect(await catalog.put('schemas/bad', body)).toMatchObject(problem(422, 'SCHEMA_INVALID', [error]));
  });

  it('cannot leave the group once a dataset names it', async () => {
    expect(await catalog.put('schemas/crm', schemaBody({}))).toMatchObject(
      problem(409, 'SCHEMA_INCOMPATIBLE', [{ path: 'phone' }, { path: 'address' }]),
    );
  });
});

describe('a field group that schemas use', () => {
  it('cannot be deleted: 409 FIELD_GROUP_IN_USE, with the schemas', async () => {
    const answer = await catalog.delete('field-groups/contact');
    expect(answer).toMatchObject(problem(409, 'FIELD_GROUP_IN_USE'));
    expect((answer.body as { schemas: readonly string[] }).schemas).toContain('crm');
  });

  it.each<[string, JsonObject, JsonObject]>([
    ['a property less', { address: CONTACT.address }, { path: 'phone', keyword: 'properties' }],
    ['another type', { ...CONTACT, phone: { type: 'integer' } }, { path: 'phone', keyword: 'type' }],
    [
      'a property less further down',
      { ...CONTACT, address: { type: 'object', properties: {} } },
      { path: 'address.city', keyword: 'properties' },
    ],
    [
      'a new property that is required',
      { ...CONTACT, address: { ...CONTACT.address, required: ['city'] } },
      { path: 'address.city', keyword: 'required' },
    ],
    ['a new condition', { ...CONTACT, phone: { ...text, maxLength: 3 } }, { path: 'phone', keyword: 'maxLength' }],
  ])('cannot get %s', async (_, properties, error) => {
    const reason = { ...error, message: expect.any(String) as unknown };
    const answer = await catalog.put('field-groups/contact', { properties });
    expect(answer).toMatchObject({ status: 409, body: { code: 'FIELD_GROUP_INCOMPATIBLE', errors: [reason] } });
    expect((await catalog.get('field-groups/contact')).body).toMatchObject({ properties: CONTACT });
  });

  it('cannot get what one of them declares otherwise', async () => {
    expect(await extend({ crmId: { type: 'integer' } })).toMatchObject(
      problem(
        409,
        'FIELD_GROUP_INCOMPATIBLE',
        [{ path: 'properties.crmId', message: 'is integer here and string at schema.properties.crmId' }],
        { schemas: ['crm'] },
      ),
    );
  });

  it('cannot get what another enabled schema declares otherwise', async () => {
    await catalog.schema('loyalty', schemaBody({ points: { type: 'integer' } }), 'enabled');
    expect(await extend({ points: text })).toMatchObject(
      problem(
        409,
        'UNION_CONFLICT',
        [{ path: 'points', message: 'is integer in the schema loyalty and string in crm' }],
        { conflicts: [{ path: 'points', types: ['integer', 'string'], schemas: ['loyalty', 'crm'] }] },
      ),
    );
  });

  it('takes additions, which items may have at once and unions show', async () => {
    const { status, body, token } = await extend({ fax: text });
    expect({ status, body }).toMatchObject({ status: 200, body: { version: 2 } });
    const sent = await sendItems(service, 'crm/records', [{ crmId: '7', fax: '1' }], { 'x-consistency-token': token! });
    expect(sent).toMatchObject({ status: 202, body: { accepted: 1 } });
    const { paths } = (await catalog.get('unions/profile')).body as { paths: readonly JsonObject[] };
    expect(paths).toContainEqual({ path: 'fax', type: 'string', schemas: ['crm'] });
  });

  it('is there again after a restart, in every schema that uses it', async () => {
    await service.kill('SIGKILL');
    service = await service.restart();
    expect((await catalog.get('field-groups/contact')).body).toMatchObject({ version: 2 });
    expect(await sendItems(service, 'crm/records', [{ crmId: '7', fax: '2' }])).toMatchObject({ status: 202 });
  });
});
