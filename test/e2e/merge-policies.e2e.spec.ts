import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { JsonObject } from '#core';

import { definePeople, NEWEST, NEWEST_FIELD, precedence, putPolicy } from '../support/policy-catalog.js';
import { killServices, startService, type Service } from '../support/service.js';

let service: Service;

beforeAll(async () => {
  service = await startService();
  await definePeople(service);
});
afterAll(() => service.stop());
afterAll(killServices);

const put = (id: string, policy: JsonObject, sandbox?: string) => putPolicy(service, id, policy, sandbox);
const get = (id: string, sandbox?: string) =>
  service.fetch(`/v1/merge-policies/${id}`, sandbox === undefined ? {} : { sandbox });
const remove = (id: string) => service.fetch(`/v1/merge-policies/${id}`, { method: 'DELETE' });

async function newSandbox(name: string): Promise<string> {
  await service.fetch(`/v1/sandboxes/${name}`, { method: 'PUT', body: { title: name } });
  await definePeople(service, name);
  return name;
}

describe('merge policies', () => {
  it('come with one in every sandbox, by id in the list', async () => {
    const first = {
      id: 'default',
      version: 1,
      name: 'Default',
      class: 'profile',
      identityGraph: 'pdg',
      attributeMerge: { type: 'timestampOrdered', granularity: 'fragment' },
      default: true,
    };
    expect(await get('default')).toMatchObject({ status: 200, body: first });
    await put('another', precedence('crm'));
    const listed = await service.fetch('/v1/merge-policies?limit=1');
    expect(listed.body).toMatchObject({ items: [{ id: 'another' }], next: expect.any(String) });
    const { next } = listed.body as { next: string };
    expect((await service.fetch(`/v1/merge-policies?cursor=${next}`)).body).toMatchObject({ items: [first] });
  });

  it('are created, changed into new versions, and left as they are by the same again', async () => {
    const created = await put('mine', { name: 'Mine', ...precedence('loyalty', 'crm') });
    expect(created).toMatchObject({
      status: 201,
      body: {
        id: 'mine',
        version: 1,
        name: 'Mine',
        class: 'profile',
        identityGraph: 'pdg',
        attributeMerge: { type: 'dataSetPrecedence', order: ['loyalty', 'crm'], granularity: 'fragment' },
        default: false,
        createdAt: expect.any(String),
        updatedAt: expect.any(String),
      },
    });
    expect(created.token).toEqual(expect.any(String));
    const again = await put('mine', { name: 'Mine', ...precedence('loyalty', 'crm'), default: false });
    expect(again).toMatchObject({ status: 200, body: { version: 1 } });
    const changed = await put('mine', { name: 'Mine', identityGraph: 'none', ...NEWEST_FIELD });
    expect(changed).toMatchObject({ status: 200, body: { version: 2, identityGraph: 'none' } });
    expect((await get('mine')).body).toEqual(changed.body);
  });

  it('have one default, which moves and cannot be taken away', async () => {
    const sandbox = await newSandbox('defaults');
    const isDefault = async (id: string) => ((await get(id, sandbox)).body as { default: boolean }).default;
    expect(await put('mine', { ...NEWEST_FIELD, default: true }, sandbox)).toMatchObject({
      status: 201,
      body: { default: true },
    });
    expect([await isDefault('mine'), await isDefault('default')]).toEqual([true, false]);
    expect(await put('mine', { ...NEWEST_FIELD, default: false }, sandbox)).toMatchObject({
      status: 409,
      body: { code: 'MERGE_POLICY_IS_DEFAULT', errors: [{ path: 'default' }] },
    });
    const path = '/v1/merge-policies/mine';
    expect(await service.fetch(path, { method: 'DELETE', sandbox })).toMatchObject({
      status: 409,
      body: { code: 'MERGE_POLICY_IS_DEFAULT' },
    });
    const back = await put('default', { name: 'Default', ...NEWEST, default: true }, sandbox);
    expect(back).toMatchObject({ status: 200, body: { version: 3 } });
    expect((await service.fetch(path, { method: 'DELETE', sandbox })).status).toBe(204);
    expect((await get('mine', sandbox)).status).toBe(404);
    expect(await isDefault('default')).toBe(true);
  });

  it('belong to their sandbox', async () => {
    const sandbox = await newSandbox('apart');
    await put('apart', precedence('crm'), sandbox);
    expect((await get('apart')).status).toBe(404);
  });

  it.each<[string, JsonObject, number, string, string]>([
    ['an unknown dataset', precedence('crm', 'nope'), 404, 'DATASET_NOT_FOUND', 'attributeMerge.order[1]'],
    ['no order', { attributeMerge: { type: 'dataSetPrecedence' } }, 400, 'INVALID_REQUEST', 'attributeMerge.order'],
    ['a dataset twice', precedence('crm', 'crm'), 400, 'INVALID_REQUEST', 'attributeMerge.order[1]'],
    ['another type', { attributeMerge: { type: 'newest' } }, 400, 'INVALID_REQUEST', 'attributeMerge.type'],
    ['no merge', {}, 400, 'INVALID_REQUEST', 'attributeMerge'],
    ['another graph', { ...NEWEST, identityGraph: 'all' }, 400, 'INVALID_REQUEST', 'identityGraph'],
    ['another class', { ...NEWEST, class: 'account' }, 422, 'NOT_SUPPORTED', 'class'],
    ['an unknown member', { ...NEWEST, priority: 1 }, 400, 'INVALID_REQUEST', 'priority'],
  ])('are refused with %s', async (_name, policy, status, code, path) => {
    const body = { code, errors: [expect.objectContaining({ path })] };
    expect(await put('bad', policy)).toMatchObject({ status, body });
    const previewed = await service.fetch('/v1/merge-policies/preview', { body: { policy } });
    expect(previewed).toMatchObject({ status, body: { code } });
    expect((await get('bad')).status).toBe(404);
  });

  it('that are not there are not deleted', async () => {
    expect(await remove('nobody')).toMatchObject({ status: 404, body: { code: 'MERGE_POLICY_NOT_FOUND' } });
  });
});
