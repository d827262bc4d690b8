import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { JsonObject } from '#core';

import { CatalogRequests, CRM_PROPERTIES, problem, schemaBody } from '../support/catalog/requests.js';
import { killServices, startService, type Service } from '../support/service.js';

let service: Service;
const catalog = new CatalogRequests(() => service);
const text = { type: 'string' };

interface UnionBody {
  readonly class: string;
  readonly schemas: readonly string[];
  readonly paths: readonly JsonObject[];
}

const unionOf = async (name: string) => (await catalog.get(`unions/${name}`)).body as UnionBody;
/** Without what the class brings. */
const ownPaths = ({ paths }: UnionBody) =>
  paths.filter(({ path }) => !/^(identityMap|extSource|segmentMembership)/.test(path as string));

beforeAll(async () => {
  service = await startService();
  await catalog.namespace('CRMID', 'CROSS_DEVICE');
  await catalog.schema('crm', schemaBody(CRM_PROPERTIES), 'enabled');
  const loyalty = { name: { type: 'object', properties: { first: text, nick: text } }, points: { type: 'integer' } };
  await catalog.schema('loyalty', schemaBody(loyalty), 'enabled');
  await catalog.schema('draft', schemaBody({ draft: text }));
});
afterAll(() => service.stop());
afterAll(killServices);

describe('the union of a class', () => {
  it('has every path of the enabled schemas with its type and those schemas', async () => {
    const union = await unionOf('profile');
    const both = ['crm', 'loyalty'];
    expect(union).toMatchObject({ class: 'profile', schemas: both });
    expect(ownPaths(union)).toEqual([
      { path: 'crmId', type: 'string', schemas: both },
      { path: 'email', type: 'string', formats: ['email'], schemas: ['crm'] },
      { path: 'name', type: 'object', schemas: both },
      { path: 'name.first', type: 'string', schemas: both },
      { path: 'name.last', type: 'string', schemas: ['crm'] },
      { path: 'name.nick', type: 'string', schemas: ['loyalty'] },
      { path: 'points', type: 'integer', schemas: ['loyalty'] },
      { path: 'tags', type: 'array', schemas: ['crm'] },
      { path: 'tags[*]', type: 'string', schemas: ['crm'] },
    ]);
    expect(union.paths).toContainEqual({ path: 'identityMap[*][*].id', type: 'string', schemas: both });
  });

  it('is empty for a built-in class without enabled schemas, and not there for a class of nobody', async () => {
    expect(await unionOf('account')).toEqual({ class: 'account', schemas: [], paths: [] });
    for (const name of ['profiles', 'constructor', '__proto__', 'a%2Fb']) {
      expect(await catalog.get(`unions/${name}`)).toMatchObject(problem(404, 'CLASS_NOT_FOUND'));
    }
  });

  it('is listed with the others, without paths', async () => {
    const { items } = (await catalog.get('unions')).body as { items: readonly JsonObject[] };
    const classes = ['account', 'account-person', 'experienceevent', 'opportunity', 'opportunity-person', 'profile'];
    expect(items.map((item) => item['class'])).toEqual(classes);
    const { paths } = await unionOf('profile');
    expect(items.at(-1)).toEqual({ class: 'profile', schemas: ['crm', 'loyalty'], pathCount: paths.length });
  });

  it('changes with a schema that is enabled, extended or deleted', async () => {
    await catalog.schema('shop', schemaBody({ shop: text }), 'enabled');
    await catalog.schema('shop', schemaBody({ shop: text, points: { type: 'integer' } }));
    expect(ownPaths(await unionOf('profile'))).toEqual(
      expect.arrayContaining([
        { path: 'points', type: 'integer', schemas: ['loyalty', 'shop'] },
        { path: 'shop', type: 'string', schemas: ['shop'] },
      ]),
    );
    const { token } = await catalog.delete('schemas/shop');
    const { body } = await service.fetch('/v1/unions/profile', { token });
    expect((body as UnionBody).schemas).toEqual(['crm', 'loyalty']);
  });

  it('is of one sandbox', async () => {
    await service.fetch('/v1/sandboxes/apart', { method: 'PUT', body: { title: 'Apart' } });
    const { body } = await service.fetch('/v1/unions/profile', { sandbox: 'apart' });
    expect(body).toEqual({ class: 'profile', schemas: [], paths: [] });
  });

  it('answers for schemas of a thousand paths, and refuses one of more', async () => {
    // With crmId and the nine that the class brings: a thousand.
    const wide = (count: number) =>
      schemaBody(Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${String(i)}`, text])), {
        class: 'experienceevent',
      });
    const schemas = Array.from({ length: 5 }, (_, i) => `wide${String(i)}`);
    for (const id of schemas) await catalog.schema(id, wide(990), 'enabled');
    const union = await unionOf('experienceevent');
    expect(union.schemas).toEqual(schemas);
    expect(union.paths.length).toBeGreaterThan(990);
    for (const path of union.paths) expect(path['schemas']).toEqual(schemas);
    expect(await catalog.put('schemas/wider', wide(1_000))).toMatchObject(
      problem(422, 'SCHEMA_INVALID', [{ path: 'schema', message: 'declares more than 1000 paths' }]),
    );
  });
});

describe('a schema is refused where it would give a path of the union a second type', () => {
  const conflicting = schemaBody({
    name: text,
    tags: { type: 'array', items: { type: 'integer' } },
    points: { type: 'number' },
  });
  const conflicts = [
    { path: 'name', types: ['object', 'string'], schemas: ['crm', 'other'] },
    { path: 'tags[*]', types: ['string', 'integer'], schemas: ['crm', 'other'] },
    { path: 'points', types: ['integer', 'number'], schemas: ['loyalty', 'other'] },
  ];

  it('when it is enabled as the second one: 409 UNION_CONFLICT with path, both types and both schemas', async () => {
    await catalog.schema('other', conflicting);
    const answer = await catalog.post('schemas/other/enable');
    expect(answer).toMatchObject(problem(409, 'UNION_CONFLICT', undefined, { conflicts }));
    expect(answer.body).toMatchObject({
      errors: [
        { path: 'name', message: 'is object in the schema crm and string in other' },
        { path: 'tags[*]', message: 'is string in the schema crm and integer in other' },
        { path: 'points', message: 'is integer in the schema loyalty and number in other' },
      ],
    });
    expect((await catalog.get('schemas/other')).body).toMatchObject({ enabled: false });
    expect((await unionOf('profile')).schemas).toEqual(['crm', 'loyalty']);
  });

  it('when it is enabled and gets a property that another one has', async () => {
    await catalog.schema('late', schemaBody({ late: text }), 'enabled');
    expect(await catalog.put('schemas/late', schemaBody({ late: text, points: text }))).toMatchObject(
      problem(409, 'UNION_CONFLICT', [{ path: 'points' }], {
        conflicts: [{ path: 'points', types: ['integer', 'string'], schemas: ['loyalty', 'late'] }],
      }),
    );
    expect((await catalog.get('schemas/late')).body).toMatchObject({ version: 1 });
  });

  it('only by schemas of its own class', async () => {
    await catalog.schema('visits', schemaBody({ name: { type: 'integer' } }, { class: 'experienceevent' }), 'enabled');
  });

  it('and never when nothing says whose its items are: 422 NO_PRIMARY_IDENTITY', async () => {
    await catalog.schema('nobody', schemaBody({}, { identities: [] }));
    expect(await catalog.post('schemas/nobody/enable')).toMatchObject(problem(422, 'NO_PRIMARY_IDENTITY'));
    await catalog.schema('nobody', schemaBody({}, { identities: [], identityMap: true }), 'enabled');
    expect(await catalog.post('schemas/none/enable')).toMatchObject(problem(404, 'SCHEMA_NOT_FOUND'));
  });
});

describe('/openapi.json', () => {
  interface Operation {
    readonly responses: Record<string, unknown>;
  }

  it('has the operations of schemas, field groups and unions with what they refuse, and examples', async () => {
    const { body } = await service.fetch('/openapi.json');
    const { paths, components } = body as {
      readonly paths: Record<string, Record<string, Operation>>;
      readonly components: {
        readonly schemas: Record<string, { readonly properties: Record<string, { readonly example?: unknown }> }>;
      };
    };
    const statuses = (path: string, method: string) => Object.keys(paths[path]?.[method]?.responses ?? {});
    expect(statuses('/v1/schemas/{id}', 'delete')).toEqual(expect.arrayContaining(['204', '404', '409']));
    expect(statuses('/v1/field-groups/{id}', 'put')).toEqual(expect.arrayContaining(['200', '201', '409', '422']));
    expect(statuses('/v1/field-groups/{id}', 'delete')).toEqual(expect.arrayContaining(['204', '404', '409']));
    expect(statuses('/v1/field-groups', 'get')).toContain('200');
    expect(statuses('/v1/field-groups/{id}', 'get')).toContain('200');
    expect(statuses('/v1/unions', 'get')).toContain('200');
    expect(statuses('/v1/unions/{class}', 'get')).toEqual(expect.arrayContaining(['200', '404']));
    const examplesOf = (name: string) =>
      Object.entries(components.schemas[name]?.properties ?? {}).flatMap(([key, { example }]) =>
        example === undefined ? [] : [key],
      );
    expect(examplesOf('DefineFieldGroupBody')).toEqual(['title', 'properties']);
    expect(examplesOf('DefineSchemaBody')).toEqual(['title', 'class', 'schema', 'fieldGroups', 'identities']);
    expect(examplesOf('UnionPathAnswer')).toEqual(['path', 'type', 'formats', 'schemas']);
  });
});
