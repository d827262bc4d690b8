import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { JsonObject } from '#core';

import { defineCrm, given, order, visit } from '../support/crm-catalog.js';
import { killServices, startService, type Service } from '../support/service.js';

let service: Service;

beforeAll(async () => {
  service = await startService();
  await defineCrm(service);
});
afterAll(() => service.stop());
afterAll(killServices);

const get = (path: string, token?: string) => service.fetch(`/v1/profiles/${path}`, { token });
const send = (path: string, items: readonly JsonObject[]) => given(service, path, items);

describe('a profile', () => {
  it('has the members that the contract shows', async () => {
    const before = Date.now();
    await send('crm/records', [
      { crmId: 'p1', email: 'Ona@Example.org', name: { first: 'Ona', last: 'Ray' }, tags: ['a', 'b'] },
    ]);
    const token = await send('orders/events', [order('o1', { crmId: 'p1' })]);
    const { status, body } = await get('crmid/p1', token);
    expect(status).toBe(200);
    expect(body).toEqual({
      identity: { namespace: 'CRMID', id: 'p1' },
      profileId: expect.stringMatching(/^[0-9a-f]{32}$/),
      mergePolicy: { id: 'default', version: 1 },
      attributes: { crmId: 'p1', email: 'Ona@Example.org', name: { first: 'Ona', last: 'Ray' }, tags: ['a', 'b'] },
      computedAttributes: {},
      identities: [
        { namespace: 'CRMID', id: 'p1' },
        { namespace: 'Email', id: 'ona@example.org' },
      ],
      sources: ['crm', 'orders'],
      fragments: 2,
      events: { count: 1, last: '2010-12-01T08:26:00.000Z' },
      lastModifiedAt: expect.any(String),
    });
    const { lastModifiedAt } = body as { lastModifiedAt: string };
    expect(Date.parse(lastModifiedAt)).toBeGreaterThanOrEqual(before);
    expect(Date.parse(lastModifiedAt)).toBeLessThanOrEqual(Date.now());
  });

  it('is the same by each of its identities and by its id', async () => {
    const token = await send('crm/records', [{ crmId: 'p2', email: 'p2@example.org' }]);
    const { body } = await get('CRMID/p2', token);
    const { profileId } = body as { profileId: string };
    const byEmail = await get('by-identity?namespace=EMAIL&id=%20P2@example.org', token);
    expect(byEmail.body).toEqual({ ...(body as object), identity: { namespace: 'Email', id: 'p2@example.org' } });
    expect((await get(profileId, token)).body).toEqual(body);
  });

  it('merges what datasets hold, the newest update first', async () => {
    await send('loyalty/records', [{ crmId: 'p3', name: { first: 'Old', last: 'Li' }, visits: 1 }]);
    const token = await send('crm/records', [{ crmId: 'p3', name: { first: 'New' }, tags: ['x'] }]);
    expect(await get('CRMID/p3', token)).toMatchObject({
      body: {
        attributes: { crmId: 'p3', name: { first: 'New', last: 'Li' }, visits: 1, tags: ['x'] },
        sources: ['crm', 'loyalty'],
        fragments: 2,
      },
    });
  });

  it('joins those of identities that an item names together', async () => {
    await send('visits/events', [visit('v1', '2024-01-01T10:00:00Z', 'w4'), visit('v2', '2024-01-02T10:00:00Z', 'w4')]);
    const apart = await get('WEB/w4', await send('crm/records', [{ crmId: 'p4', name: { first: 'Ona' } }]));
    expect(apart.body).toMatchObject({ attributes: {}, events: { count: 2 }, sources: ['visits'] });
    const { profileId } = apart.body as { profileId: string };
    const token = await send('visits/events', [visit('v3', '2024-01-03T10:00:00Z', 'w4', { crmid: [{ id: 'p4' }] })]);
    expect(await get('CRMID/p4', token)).toMatchObject({
      body: {
        profileId,
        attributes: { name: { first: 'Ona' } },
        identities: [
          { namespace: 'WEB', id: 'w4' },
          { namespace: 'CRMID', id: 'p4' },
        ],
        events: { count: 3 },
        sources: ['crm', 'visits'],
      },
    });
    const asked = await get(profileId, token);
    expect(asked.body).toMatchObject({
      identity: { namespace: 'WEB', id: 'w4' },
      attributes: { name: { first: 'Ona' } },
    });
  });

  it('shows the fields that are asked for, and nothing for those that it does not have', async () => {
    const token = await send('crm/records', [
      { crmId: 'p5', name: { first: 'Ona', last: 'Ray' }, tags: ['a'], visits: 3 },
    ]);
    const attributes = async (fields: string) =>
      ((await get(`CRMID/p5?fields=${fields}`, token)).body as { attributes: JsonObject }).attributes;
    expect(await attributes('name.first,tags')).toEqual({ name: { first: 'Ona' }, tags: ['a'] });
    expect(await attributes('nope,name.middle,constructor')).toEqual({});
    expect(Object.keys(await attributes(''))).toHaveLength(4);
    expect(await get('CRMID/p5?fields=name..first')).toMatchObject({
      status: 400,
      body: { code: 'INVALID_REQUEST', errors: [{ path: 'fields' }] },
    });
  });

  it.each<[path: string, status: number, code: string]>([
    ['CRMID/nobody', 404, 'PROFILE_NOT_FOUND'],
    ['CRMID/NA', 404, 'PROFILE_NOT_FOUND'],
    ['NOPE/7', 404, 'NAMESPACE_NOT_FOUND'],
    ['__proto__/7', 404, 'NAMESPACE_NOT_FOUND'],
    ['CRMID/p1?mergePolicy=mine', 404, 'MERGE_POLICY_NOT_FOUND'],
    ['CRMID/p1?merge=mine', 400, 'INVALID_REQUEST'],
    ['0'.repeat(32), 404, 'PROFILE_NOT_FOUND'],
    ['not-an-id', 404, 'PROFILE_NOT_FOUND'],
    ['by-identity?namespace=CRMID', 400, 'INVALID_REQUEST'],
    ['by-identity?namespace=CRMID&id=7&id=8', 400, 'INVALID_REQUEST'],
    ['CRMID/nobody/events', 404, 'PROFILE_NOT_FOUND'],
    ['CRMID/nobody/identities', 404, 'PROFILE_NOT_FOUND'],
    ['CRMID/p1/nothing', 404, 'NOT_FOUND'],
  ])('%s is %i %s', async (path, status, code) => {
    expect(await get(path)).toMatchObject({ status, body: { code, status } });
  });

  it('is found with mergePolicy=default, and with an empty one', async () => {
    const token = await send('crm/records', [{ crmId: 'p6' }]);
    for (const policy of ['default', '']) expect((await get(`CRMID/p6?mergePolicy=${policy}`, token)).status).toBe(200);
  });
});
