import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { JsonObject } from '#core';

import { loaded } from '../support/batches.js';
import { defineCrm, given, order, sendItems } from '../support/crm-catalog.js';
import { waitForJob } from '../support/jobs.js';
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

const get = (path: string, token?: string) => service.fetch(`/v1/profiles/${path}`, { token });
const send = (path: string, items: readonly JsonObject[]) => given(service, path, items);

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

describe('a dataset', () => {
  it('counts what came in and what became of it', async () => {
    const sandbox = 'counted';
    const headers = { 'x-sandbox-name': sandbox };
    await service.fetch(`/v1/sandboxes/${sandbox}`, { method: 'PUT', body: { title: 'Counted' } });
    await defineCrm(service, sandbox);
    const counts = async (dataset: string, token?: string): Promise<unknown> => {
      const { body } = await service.fetch(`/v1/datasets/${dataset}`, { sandbox, token });
      return (body as { readonly counts: unknown }).counts;
    };
    const nothing = {
      ...{ recordFragments: 0, events: 0, duplicates: 0, idsReused: 0, stale: 0, oversized: 0 },
      ...{ refused: 0, refusedByCode: {} },
    };
    expect(await counts('crm')).toEqual(nothing);
    const records = [{ crmId: 'c1' }, { crmId: 'c2' }, { crmId: 'c1', visits: 2 }];
    const { token } = await sendItems(service, 'crm/records', records, headers);
    expect(await counts('crm', token)).toEqual({ ...nothing, recordFragments: 2 });
    const events = [order('o1', { crmId: 'c1' }), order('o2', { crmId: 'c1' }), order('o1', { crmId: 'c2' })];
    const sent = await sendItems(service, 'orders/events', events, headers);
    expect(await counts('orders', sent.token)).toEqual({ ...nothing, events: 3 });
  });

  it('counts what was refused by its reason, in requests and in files, also after a rebuild', async () => {
    await service.fetch('/v1/datasets/refusing', { method: 'PUT', body: { schema: 'crm' } });
    const refusals = async (token?: string): Promise<unknown> => {
      const { body } = await service.fetch('/v1/datasets/refusing', { token });
      const { refused, refusedByCode } = (body as { counts: Record<string, unknown> }).counts;
      return [refused, refusedByCode];
    };
    const wrong = [{ crmId: 7 }, { crmId: 'r1', visits: 'x' }, { crmId: 'NA' }];
    await sendItems(service, 'refusing/records?dryRun=true', wrong);
    const some = await sendItems(service, 'refusing/records', [...wrong, { crmId: 'r1' }]);
    expect(await refusals(some.token)).toEqual([3, { SCHEMA_VIOLATION: 2, IDENTITY_BLOCKED: 1 }]);
    const all = await sendItems(service, 'refusing/upserts', [{ crmId: 'r1', visits: 'x' }]);
    expect(all.status).toBe(422);
    expect(await refusals(all.token)).toEqual([4, { SCHEMA_VIOLATION: 3, IDENTITY_BLOCKED: 1 }]);
    const file = 'crmId,visits\nr2,1\nr3\nr4,many\n';
    expect((await loaded(service, 'refusing/batches?format=csv', file)).status).toBe('failed');
    const counted = [6, { SCHEMA_VIOLATION: 4, IDENTITY_BLOCKED: 1, MALFORMED_ROW: 1 }];
    // Behind the end of the batch.
    expect(await refusals(await given(service, 'refusing/records', [{ crmId: 'r5' }]))).toEqual(counted);
    const { body } = await service.fetch('/v1/projections/batches/rebuild', { method: 'POST' });
    await waitForJob(service, (body as { job: string }).job);
    expect(await refusals()).toEqual(counted);
  });
});
