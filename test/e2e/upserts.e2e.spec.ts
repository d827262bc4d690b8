import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { JsonObject } from '#core';

import { defineCrm, given, sendItems, type SentItems } from '../support/crm-catalog.js';
import { killServices, startService, type Service } from '../support/service.js';

let service: Service;

beforeAll(async () => {
  service = await startService();
  await defineCrm(service);
  await service.fetch('/v1/datasets/patches', { method: 'PUT', body: { schema: 'crm', upsert: true } });
  await service.fetch('/v1/datasets/patches/enable', { body: {} });
});
afterAll(() => service.stop());
afterAll(killServices);

const fragment = (id: string, token?: string, dataset = 'crm') =>
  service.fetch(`/v1/datasets/${dataset}/fragments/CRMID/${id}`, { token });
const upsert = (item: JsonObject, path = 'crm/upserts?results=all'): Promise<SentItems> =>
  sendItems(service, path, [item]);

async function attributesOf(id: string, token?: string): Promise<unknown> {
  const { status, body } = await service.fetch(`/v1/profiles/CRMID/${id}`, { token });
  return status === 200 ? (body as { attributes: unknown }).attributes : status;
}

describe('the worked example of fragments: record, upsert, delete', () => {
  it('gives after every step what the table says', async () => {
    const crmId = 'w7';
    // `phone` of the table stands for any scalar.
    const steps: readonly (readonly [string, JsonObject, JsonObject])[] = [
      [
        'crm/records',
        { name: { first: 'Ona', last: 'Li' }, tags: ['a'], birthday: '1980-01-01' },
        { name: { first: 'Ona', last: 'Li' }, tags: ['a'], birthday: '1980-01-01' },
      ],
      [
        'crm/upserts',
        { name: { last: 'Ray' }, $append: { tags: ['b'] } },
        { name: { first: 'Ona', last: 'Ray' }, tags: ['a', 'b'], birthday: '1980-01-01' },
      ],
      ['crm/upserts', { $unset: ['birthday'] }, { name: { first: 'Ona', last: 'Ray' }, tags: ['a', 'b'] }],
      ['crm/records', { name: { first: 'Ona' } }, { name: { first: 'Ona' } }],
    ];
    for (const [path, item, expected] of steps) {
      const token = await given(service, path, [{ crmId, ...item }]);
      expect((await fragment(crmId, token)).body).toMatchObject({ attributes: { crmId, ...expected } });
      expect(await attributesOf(crmId, token)).toEqual({ crmId, ...expected });
    }
    const deleted = await service.fetch(`/v1/profiles/CRMID/${crmId}`, { method: 'DELETE' });
    expect(deleted).toMatchObject({ status: 202, body: { fragments: 1, remainingFragments: 0 } });
    expect((await fragment(crmId, deleted.token)).body).toMatchObject({ code: 'FRAGMENT_NOT_FOUND' });
    expect(await attributesOf(crmId, deleted.token)).toBe(404);
  });
});

describe('an upsert', () => {
  it('creates the fragment, without what the schema requires of a record', async () => {
    const { status, body, token } = await upsert({
      identityMap: { CRMID: [{ id: 'u1', primary: true }] },
      name: { first: 'Ona' },
    });
    expect(status).toBe(202);
    expect(body.results).toEqual([{ index: 0, status: 'accepted', revision: 0 }]);
    expect(await attributesOf('u1', token)).toMatchObject({ name: { first: 'Ona' } });
  });

  it('never loses attributes to another one that is sent at the same time', async () => {
    const notes = Array.from({ length: 40 }, (_, i) => `k${i}`);
    const sent = await Promise.all(
      notes.map((key) => upsert({ crmId: 'u2', notes: { [key]: key }, $append: { tags: [key] } })),
    );
    const token = sent.map((one) => one.token as string).reduce((a, b) => (a < b ? b : a));
    const attributes = (await attributesOf('u2', token)) as { notes: JsonObject; tags: readonly string[] };
    expect(attributes.notes).toEqual(Object.fromEntries(notes.map((key) => [key, key])));
    expect([...attributes.tags].sort()).toEqual([...notes].sort());
    expect((await fragment('u2', token)).body).toMatchObject({ revision: 39 });
  });

  it('takes __proto__ for a key like any other', async () => {
    const item = '[{"crmId":"u3","notes":{"__proto__":{"a":1},"constructor":1}}]';
    await service.fetch('/v1/datasets/crm/upserts', { body: item });
    const { token } = await service.fetch('/v1/datasets/crm/upserts', {
      body: '[{"crmId":"u3","notes":{"__proto__":{"b":2}},"$unset":["notes.constructor"]}]',
    });
    const { body } = await fragment('u3', token);
    expect(JSON.stringify((body as { attributes: JsonObject }).attributes['notes'])).toBe(
      '{"__proto__":{"a":1,"b":2}}',
    );
  });

  it('links the identities that it names, appended ones too', async () => {
    const { token } = await upsert({
      crmId: 'u4',
      email: 'u4@example.org',
      $append: { 'identityMap.WEB': [{ id: 'cookie-u4' }] },
    });
    const { body } = await service.fetch('/v1/profiles/WEB/cookie-u4/identities', { token });
    expect((body as { identities: { id: string }[] }).identities.map(({ id }) => id).sort()).toEqual([
      'cookie-u4',
      'u4',
      'u4@example.org',
    ]);
  });

  it.each<[string, JsonObject, string, string]>([
    ['null', { name: { last: null } }, 'NULL_NOT_ALLOWED', 'name.last'],
    ['null to append', { $append: { tags: [null] } }, 'NULL_NOT_ALLOWED', '$append.tags[0]'],
    ['another type', { visits: 'x' }, 'SCHEMA_VIOLATION', 'visits'],
    ['what is not declared', { name: { middle: 'x' } }, 'SCHEMA_VIOLATION', 'name.middle'],
    ['elements of another type', { $append: { tags: [1] } }, 'SCHEMA_VIOLATION', 'tags[0]'],
    ['an append to a scalar', { $append: { visits: [1] } }, 'SCHEMA_VIOLATION', '$append.visits'],
    ['an append of a scalar', { $append: { tags: 'b' } }, 'SCHEMA_VIOLATION', '$append.tags'],
    ['an append to nowhere', { $append: { 'name.x': ['b'] } }, 'SCHEMA_VIOLATION', '$append["name.x"]'],
    ['an append of nothing readable', { $append: ['tags'] }, 'SCHEMA_VIOLATION', '$append'],
    ['an unset of what is required', { $unset: ['crmId'] }, 'SCHEMA_VIOLATION', '$unset[0]'],
    ['an unset of what is not declared', { $unset: ['name.first', 'nope'] }, 'SCHEMA_VIOLATION', '$unset[1]'],
    ['an unset into an array', { $unset: ['tags[0]'] }, 'SCHEMA_VIOLATION', '$unset[0]'],
    ['an unset that is no list', { $unset: 'tags' }, 'SCHEMA_VIOLATION', '$unset'],
    [
      'another owner',
      { $append: { 'identityMap.CRMID': [{ id: '8', primary: true }] } },
      'SCHEMA_VIOLATION',
      '$append',
    ],
    ['an unknown instruction', { $push: { tags: ['b'] } }, 'UNKNOWN_INSTRUCTION', '$push'],
  ])('is refused with %s', async (_what, item, code, path) => {
    const { status, body } = await upsert({ crmId: 'u5', ...item });
    expect(status).toBe(422);
    expect(body.results).toMatchObject([{ status: 'rejected', code, errors: [{ path }] }]);
  });

  it('is nothing that an event dataset takes', async () => {
    expect((await upsert({ crmId: '7' }, 'orders/upserts')).body).toMatchObject({ code: 'WRONG_CLASS' });
  });

  it('stays away from the catalog of another sandbox', async () => {
    await service.fetch('/v1/sandboxes/other', { method: 'PUT', body: { title: 'Other' } });
    const { status } = await service.fetch('/v1/datasets/crm/upserts', { body: [{ crmId: '7' }], sandbox: 'other' });
    expect(status).toBe(404);
  });
});

describe('a dataset with upsert: true', () => {
  it('patches with every record', async () => {
    await given(service, 'patches/records', [{ crmId: 'p1', name: { first: 'Ona' }, tags: ['a'] }]);
    const token = await given(service, 'patches/records', [
      { crmId: 'p1', name: { last: 'Li' }, $append: { tags: ['b'] } },
    ]);
    expect((await fragment('p1', token, 'patches')).body).toMatchObject({
      revision: 1,
      attributes: { name: { first: 'Ona', last: 'Li' }, tags: ['a', 'b'] },
    });
  });

  it('is what it was defined as, for ever', async () => {
    const put = (body: JsonObject) => service.fetch('/v1/datasets/patches', { method: 'PUT', body });
    expect(await put({ schema: 'crm', upsert: true })).toMatchObject({ status: 200, body: { upsert: true } });
    expect(await put({ schema: 'crm' })).toMatchObject({ status: 409, body: { code: 'DATASET_DIFFERS' } });
  });
});

describe('$ifRevision on an upsert', () => {
  it('lets it pass at that revision only', async () => {
    const at = (revision: number) => upsert({ crmId: 'r1', visits: revision, $ifRevision: revision });
    expect((await at(0)).body.results).toMatchObject([{ code: 'REVISION_MISMATCH', revision: -1 }]);
    expect((await at(-1)).body.results).toMatchObject([{ status: 'accepted', revision: 0 }]);
    expect((await at(0)).body.results).toMatchObject([{ status: 'accepted', revision: 1 }]);
    expect((await at(0)).body.results).toMatchObject([{ code: 'REVISION_MISMATCH', revision: 1 }]);
  });

  it('of two that are sent at the same time lets one pass', async () => {
    await upsert({ crmId: 'r2' });
    const sent = await Promise.all([1, 2, 3].map((visits) => upsert({ crmId: 'r2', visits, $ifRevision: 0 })));
    expect(sent.map(({ status }) => status).sort()).toEqual([202, 422, 422]);
  });
});
