import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { JsonObject } from '#core';

import { defineCrm, order, sendItems } from '../support/crm-catalog.js';
import { killServices, startService, type Service } from '../support/service.js';

let service: Service;

beforeAll(async () => {
  service = await startService();
  await defineCrm(service);
});
afterAll(() => service.stop());
afterAll(killServices);

interface Identity {
  readonly namespace: string;
  readonly id: string;
}
interface EventPage {
  readonly items: readonly { readonly id: string; readonly identity: Identity; readonly timestamp: string }[];
  readonly next?: string;
}

const get = (path: string, token?: string) => service.fetch(`/v1/profiles/${path}`, { token });

/** A visit of the web shop by a cookie, and by whom else it names. */
function visit(id: string, timestamp: string, cookie: string, others: JsonObject = {}): JsonObject {
  return {
    _id: id,
    timestamp,
    eventType: 'web.visit',
    identityMap: { WEB: [{ id: cookie, primary: true }], ...others },
  };
}

/** Sends items and answers the token at which they are visible. */
async function send(path: string, items: readonly JsonObject[]): Promise<string | undefined> {
  const { status, body, token } = await sendItems(service, path, items);
  if (status !== 202) throw new Error(JSON.stringify(body));
  return token;
}

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

describe('events of a profile', () => {
  const pageOf = async (query: string, token?: string, who = 'CRMID/e1') =>
    (await get(`${who}/events?${query}`, token)).body as EventPage;
  const idsOf = ({ items }: EventPage) => items.map(({ id }) => id);
  let token: string | undefined;

  beforeAll(async () => {
    await send('orders/events', [
      order('e1', { crmId: 'e1', timestamp: '2024-01-01T00:00:00Z' }),
      order('e3', { crmId: 'e1', timestamp: '2024-01-03T00:00:00+00:00' }),
      order('e5', { crmId: 'e1', timestamp: '2024-01-05T01:00:00+01:00', eventType: 'commerce.returns' }),
    ]);
    token = await send('visits/events', [
      visit('e2', '2024-01-02T00:00:00Z', 'we1', { CRMID: [{ id: 'e1' }] }),
      visit('e4', '2024-01-04T00:00:00Z', 'we1'),
    ]);
  });

  it('are those of all its identities, newest first', async () => {
    const page = await pageOf('', token);
    expect(idsOf(page)).toEqual(['e5', 'e4', 'e3', 'e2', 'e1']);
    expect(page.next).toBeUndefined();
    expect(page.items[1]).toEqual({
      id: 'e4',
      dataset: 'visits',
      identity: { namespace: 'WEB', id: 'we1' },
      timestamp: '2024-01-04T00:00:00.000Z',
      eventType: 'web.visit',
      data: visit('e4', '2024-01-04T00:00:00Z', 'we1'),
    });
    expect(page.items[0]?.timestamp).toBe('2024-01-05T00:00:00.000Z');
    expect(idsOf(await pageOf('', token, 'WEB/we1'))).toEqual(['e5', 'e4', 'e3', 'e2', 'e1']);
    expect(await pageOf('', token, 'by-identity')).toMatchObject({ code: 'INVALID_REQUEST' });
    const byQuery = await get('by-identity/events?namespace=WEB&id=we1', token);
    expect(idsOf(byQuery.body as EventPage)).toEqual(['e5', 'e4', 'e3', 'e2', 'e1']);
  });

  it('come oldest first on request', async () => {
    expect(idsOf(await pageOf('order=asc', token))).toEqual(['e1', 'e2', 'e3', 'e4', 'e5']);
  });

  it('are cut by a window that includes its start and not its end', async () => {
    expect(idsOf(await pageOf('from=2024-01-02T00:00:00Z&to=2024-01-04T00:00:00Z', token))).toEqual(['e3', 'e2']);
    expect(idsOf(await pageOf('from=2024-01-02T00:00:00.001Z&order=asc', token))).toEqual(['e3', 'e4', 'e5']);
    expect(idsOf(await pageOf('from=2024-01-05T00:00:00Z&to=2024-01-05T00:00:00Z', token))).toEqual([]);
  });

  it('are chosen by type', async () => {
    expect(idsOf(await pageOf('eventType=commerce.purchases', token))).toEqual(['e3', 'e1']);
    expect(idsOf(await pageOf('eventType=nope', token))).toEqual([]);
  });

  it.each(['asc', 'desc'] as const)('come page by page, %s, undisturbed by what arrives meanwhile', async (orderOf) => {
    const who = `pages-${orderOf}`;
    const cookies = ['a', 'b', 'c'].map((letter) => `${letter}-${orderOf}`);
    const minute = (i: number) => `2024-02-01T00:${String(Math.floor(i / 2)).padStart(2, '0')}:00Z`;
    const sent = Array.from({ length: 40 }, (_, i) =>
      visit(`p${i}`, minute(i), cookies[i % 3]!, { CRMID: [{ id: who }] }),
    );
    const at = await send('visits/events', sent);
    const seen: string[] = [];
    let next: string | undefined = '';
    for (let pages = 0; next !== undefined && pages < 20; pages += 1) {
      const page: EventPage = await pageOf(`order=${orderOf}&limit=7${next && `&cursor=${next}`}`, at, `CRMID/${who}`);
      seen.push(...idsOf(page));
      next = page.next;
      // Before everything and behind everything: whichever way it goes, one of them lies behind the page.
      await send('visits/events', [
        visit(`early-${pages}`, '2020-01-01T00:00:00Z', cookies[0]!),
        visit(`late-${pages}`, '2024-03-01T00:00:00Z', cookies[1]!),
      ]);
    }
    const first = seen.filter((id) => id.startsWith('p'));
    expect(new Set(seen).size).toBe(seen.length);
    expect(first).toHaveLength(40);
    const minutes = first.map((id) => minute(Number(id.slice(1))));
    expect(minutes).toEqual(orderOf === 'asc' ? [...minutes].sort() : [...minutes].sort().reverse());
  });

  it.each<[query: string, code: string, path: string | undefined]>([
    ['limit=0', 'INVALID_REQUEST', 'limit'],
    ['limit=1001', 'INVALID_REQUEST', 'limit'],
    ['limit=ten', 'INVALID_REQUEST', 'limit'],
    ['order=newest', 'INVALID_REQUEST', 'order'],
    ['from=yesterday', 'INVALID_REQUEST', 'from'],
    ['to=2024-02-30T00:00:00Z', 'INVALID_REQUEST', 'to'],
    ['cursor=abc', 'INVALID_CURSOR', undefined],
    [`cursor=${Buffer.from('[1e999,"00"]').toString('base64url')}`, 'INVALID_CURSOR', undefined],
    [`cursor=${Buffer.from('[1,"xyz"]').toString('base64url')}`, 'INVALID_CURSOR', undefined],
    ['since=2024', 'INVALID_REQUEST', 'since'],
  ])('are not given for %s', async (query, code, path) => {
    const { status, body } = await get(`CRMID/e1/events?${query}`, token);
    expect(status).toBe(400);
    expect(body).toMatchObject({
      code,
      ...(path && { errors: expect.arrayContaining([expect.objectContaining({ path })]) }),
    });
  });
});

describe('identities of a profile', () => {
  it('are all of its cluster, with the links between them', async () => {
    const token = await send('visits/events', [
      visit('i1', '2024-01-01T00:00:00Z', 'wi1', { CRMID: [{ id: 'i1' }] }),
      visit('i2', '2024-01-09T00:00:00Z', 'wi1', { CRMID: [{ id: 'i1' }] }),
      visit('i3', '2024-01-05T00:00:00Z', 'wi2', { CRMID: [{ id: 'i1' }] }),
    ]);
    const { status, body } = await get('CRMID/i1/identities', token);
    expect(status).toBe(200);
    const [wi1, i1, wi2] = [
      { namespace: 'WEB', id: 'wi1' },
      { namespace: 'CRMID', id: 'i1' },
      { namespace: 'WEB', id: 'wi2' },
    ];
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(body).toEqual({
      profileId: expect.stringMatching(/^[0-9a-f]{32}$/),
      identities: [
        { ...wi1, idType: 'COOKIE', firstSeen: time, lastSeen: time },
        { ...i1, idType: 'CROSS_DEVICE', firstSeen: time, lastSeen: time },
        { ...wi2, idType: 'COOKIE', firstSeen: time, lastSeen: time },
      ],
      links: expect.any(Array),
    });
    const { links } = body as { links: { a: Identity; b: Identity }[] };
    const joined = links.map(({ a, b, ...link }) => ({ ends: [a.id, b.id].sort(), ...link }));
    expect(joined.sort((a, b) => a.ends.join().localeCompare(b.ends.join()))).toEqual([
      {
        ends: ['i1', 'wi1'],
        first: '2024-01-01T00:00:00.000Z',
        last: '2024-01-09T00:00:00.000Z',
        datasets: ['visits'],
        state: 'active',
      },
      {
        ends: ['i1', 'wi2'],
        first: '2024-01-05T00:00:00.000Z',
        last: '2024-01-05T00:00:00.000Z',
        datasets: ['visits'],
        state: 'active',
      },
    ]);
  });

  it('come with their links page by page', async () => {
    const others = Array.from({ length: 12 }, (_, i) => ({ id: `wj${i}` }));
    const token = await send('visits/events', [
      visit('j', '2024-01-01T00:00:00Z', 'wj', { WEB: [{ id: 'wj', primary: true }, ...others] }),
    ]);
    const seen = new Set<string>();
    let next: string | undefined = '';
    let count = 0;
    while (next !== undefined) {
      const { body } = await get(`WEB/wj/identities?limit=10${next && `&cursor=${next}`}`, token);
      const page = body as { identities: unknown[]; links: { a: Identity; b: Identity }[]; next?: string };
      expect(page.identities).toHaveLength(13);
      for (const { a, b } of page.links) seen.add([a.id, b.id].sort().join());
      count += page.links.length;
      next = page.next;
    }
    expect(count).toBe(78);
    expect(seen.size).toBe(78);
  });

  it('are known without a profile too', async () => {
    const token = await send('crm/records', [{ crmId: 'k1', email: 'k1@example.org' }]);
    expect((await get('Email/k1@example.org/identities', token)).status).toBe(200);
  });
});

describe('a bulk lookup', () => {
  const lookup = (body: unknown, token?: string) => service.fetch('/v1/profiles/lookup', { body, token });

  it('answers each identity in its place', async () => {
    const token = await send('crm/records', [
      { crmId: 'l1', name: { first: 'A' } },
      { crmId: 'l2', email: 'l2@example.org' },
    ]);
    const identities = [
      { namespace: 'CRMID', id: 'l1' },
      { namespace: 'CRMID', id: 'nobody' },
      { namespace: 'email', id: ' L2@example.org' },
      { namespace: 'CRMID', id: 'l1' },
    ];
    const { status, body } = await lookup({ identities, fields: ['name.first', 'email'] }, token);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      results: [
        { identity: identities[0], found: true, profile: { attributes: { name: { first: 'A' } } } },
        { identity: identities[1], found: false },
        {
          identity: { namespace: 'Email', id: 'l2@example.org' },
          found: true,
          profile: { attributes: { email: 'l2@example.org' } },
        },
        { identity: identities[3], found: true },
      ],
    });
    expect((body as { results: object[] }).results[1]).not.toHaveProperty('profile');
    const whole = await get('CRMID/l1?fields=name.first,email', token);
    expect((body as { results: { profile?: unknown }[] }).results[0]?.profile).toEqual(whole.body);
  });

  it.each<[name: string, body: unknown, status: number, code: string]>([
    [
      'more than 1,000',
      { identities: Array.from({ length: 1_001 }, (_, i) => ({ namespace: 'CRMID', id: `${i}` })) },
      400,
      'INVALID_REQUEST',
    ],
    ['no list', { identities: 'CRMID' }, 400, 'INVALID_REQUEST'],
    ['an id that is a number', { identities: [{ namespace: 'CRMID', id: 7 }] }, 400, 'INVALID_REQUEST'],
    ['an entry that is null', { identities: [null] }, 400, 'INVALID_REQUEST'],
    [
      'an unknown namespace',
      {
        identities: [
          { namespace: 'CRMID', id: '7' },
          { namespace: 'NOPE', id: '7' },
        ],
      },
      404,
      'NAMESPACE_NOT_FOUND',
    ],
    ['another policy', { identities: [], mergePolicy: 'mine' }, 404, 'MERGE_POLICY_NOT_FOUND'],
    ['no body', undefined, 400, 'INVALID_REQUEST'],
  ])('refuses %s', async (_name, body, status, code) => {
    const answer = await service.fetch('/v1/profiles/lookup', { method: 'POST', body: body ?? '' });
    expect(answer).toMatchObject({ status, body: { code, status } });
  });

  it('takes 1,000 and none', async () => {
    const identities = Array.from({ length: 1_000 }, (_, i) => ({ namespace: 'CRMID', id: `none-${i}` }));
    expect(((await lookup({ identities })).body as { results: unknown[] }).results).toHaveLength(1_000);
    expect((await lookup({ identities: [] })).body).toEqual({ results: [] });
  });
});

describe('the list of profiles', () => {
  it('goes through all of a sandbox once, and through no other', async () => {
    await service.fetch('/v1/sandboxes/browse', { method: 'PUT', body: { title: 'Browse' } });
    await defineCrm(service, 'browse');
    const items = Array.from({ length: 25 }, (_, i) => ({ crmId: `b${i}` }));
    const { token } = await sendItems(service, 'crm/records', items, { 'x-sandbox-name': 'browse' });
    const seen: string[] = [];
    let next: string | undefined = '';
    while (next !== undefined) {
      const { body } = await service.fetch(`/v1/profiles?limit=10${next && `&cursor=${next}`}`, {
        token,
        sandbox: 'browse',
      });
      const page = body as {
        items: { profileId: string; identities: Identity[]; lastModifiedAt: string }[];
        next?: string;
      };
      expect(page.items.length).toBeLessThanOrEqual(10);
      for (const item of page.items) {
        expect(item).toEqual({
          profileId: expect.any(String),
          identities: [expect.anything()],
          lastModifiedAt: expect.any(String),
        });
        seen.push(item.identities[0]!.id);
      }
      next = page.next;
    }
    expect(seen.sort()).toEqual(items.map(({ crmId }) => crmId).sort());
  });
});

describe('a fragment', () => {
  const fragment = (path: string, token?: string) => service.fetch(`/v1/datasets/${path}`, { token });

  it('is what one dataset holds, shown or not', async () => {
    const items = [
      { crmId: 'f1', visits: 1 },
      { crmId: 'f1', tags: ['x'] },
    ];
    const token = await send('crm/records', items);
    expect((await fragment('crm/fragments/crmid/f1', token)).body).toEqual({
      dataset: 'crm',
      owner: { namespace: 'CRMID', id: 'f1' },
      revision: 1,
      updatedAt: expect.any(String),
      attributes: items[1],
    });
  });

  it.each<[path: string, code: string]>([
    ['nope/fragments/CRMID/7', 'DATASET_NOT_FOUND'],
    ['crm/fragments/NOPE/7', 'NAMESPACE_NOT_FOUND'],
    ['crm/fragments/CRMID/nobody', 'FRAGMENT_NOT_FOUND'],
    ['orders/fragments/CRMID/e1', 'FRAGMENT_NOT_FOUND'],
  ])('%s is 404 %s', async (path, code) => {
    expect(await fragment(path)).toMatchObject({ status: 404, body: { code } });
  });
});
