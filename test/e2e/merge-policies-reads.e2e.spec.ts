import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { JsonObject } from '#core';

import { given } from '../support/crm-catalog.js';
import { waitForJob } from '../support/jobs.js';
import {
  definePeople,
  NEWEST,
  NEWEST_FIELD,
  precedence,
  putPolicy,
  visitOf,
  workedExample,
} from '../support/policy-catalog.js';
import { killServices, startService, type Service } from '../support/service.js';

let service: Service;

beforeAll(async () => {
  service = await startService();
  await definePeople(service);
  await putPolicy(service, 'newest-field', NEWEST_FIELD);
  await putPolicy(service, 'loyalty-first', precedence('loyalty', 'crm'));
  await putPolicy(service, 'only-loyalty', precedence('loyalty'));
  await putPolicy(service, 'only-visits', precedence('visits'));
  await putPolicy(service, 'alone', { ...NEWEST, identityGraph: 'none' });
});
afterAll(() => service.stop());
afterAll(killServices);

const get = (path: string, token?: string) => service.fetch(`/v1/profiles/${path}`, { token });
const attributesOf = async (path: string, token?: string): Promise<JsonObject> => {
  const {
    crmId: _crmId,
    extSourceSystemAudit: _audit,
    ...rest
  } = ((await get(path, token)).body as { attributes: JsonObject }).attributes;
  return rest;
};

describe('a profile under a merge policy', () => {
  it('Worked example: two policies side by side, and more', async () => {
    const token = await workedExample(service, 'w1');
    const under = (policy: string) => attributesOf(`CRMID/w1?mergePolicy=${policy}`, token);
    expect(await under('')).toEqual({ city: 'Rome', phone: '1', tier: 'none' });
    expect(await under('default')).toEqual({ city: 'Rome', phone: '1', tier: 'none' });
    expect(await under('newest-field')).toEqual({ city: 'Oslo', phone: '1', tier: 'none' });
    expect(await under('loyalty-first')).toEqual({ city: 'Oslo', phone: '1', tier: 'gold' });
    expect(await under('only-loyalty')).toEqual({ city: 'Oslo', tier: 'gold' });
  });

  it('says which, in which version, and shows only what the policy selects', async () => {
    await given(service, 'visits/events', [visitOf('s1', 'web-s', 's1')]);
    const token = await workedExample(service, 's1');
    const under = async (policy: string) => (await get(`CRMID/s1?mergePolicy=${policy}`, token)).body;
    expect(await under('default')).toMatchObject({
      sources: ['crm', 'loyalty', 'visits'],
      fragments: 3,
      events: { count: 1 },
    });
    expect(await under('only-loyalty')).toMatchObject({
      mergePolicy: { id: 'only-loyalty', version: 1 },
      sources: ['loyalty'],
      fragments: 1,
      events: { count: 0 },
    });
    expect(await under('only-visits')).toMatchObject({ attributes: {}, sources: ['visits'], events: { count: 1 } });
    const events = async (policy: string) =>
      ((await get(`CRMID/s1/events?mergePolicy=${policy}`, token)).body as { items: { id: string }[] }).items;
    expect((await events('default')).map(({ id }) => id)).toEqual(['s1']);
    expect((await events('only-visits')).map(({ id }) => id)).toEqual(['s1']);
    expect(await events('only-loyalty')).toEqual([]);
  });

  it('with identityGraph none is that of the identity alone, by whatever way it is read', async () => {
    await given(service, 'crm/records', [{ crmId: 'n1', city: 'Rome' }]);
    await given(service, 'visits/events', [visitOf('n1', 'web-n', 'n1'), visitOf('n2', 'web-n', 'n2')]);
    const token = await given(service, 'loyalty/records', [{ crmId: 'n2', tier: 'gold' }]);
    const { body: joined } = await get('CRMID/n1', token);
    expect(joined).toMatchObject({ attributes: { city: 'Rome', tier: 'gold' }, events: { count: 2 } });
    const { body: alone } = await get('CRMID/n1?mergePolicy=alone', token);
    expect(alone).toMatchObject({
      attributes: { crmId: 'n1', city: 'Rome' },
      identities: [{ namespace: 'CRMID', id: 'n1' }],
      sources: ['crm'],
      events: { count: 0 },
    });
    const { profileId } = alone as { profileId: string };
    expect((await get(`${profileId}?mergePolicy=alone`, token)).body).toEqual(alone);
    expect((await get(`by-identity?namespace=CRMID&id=n1&mergePolicy=alone`, token)).body).toEqual(alone);
    expect((await get('WEB/web-n?mergePolicy=alone', token)).body).toMatchObject({
      attributes: {},
      events: { count: 2 },
    });
    await given(service, 'visits/events', [visitOf('n3', 'web-n', 'n3')]);
    expect(await get('CRMID/n3?mergePolicy=alone')).toMatchObject({ status: 404, body: { code: 'PROFILE_NOT_FOUND' } });
    const lookup = await service.fetch('/v1/profiles/lookup', {
      body: { identities: ['n1', 'n3', 'n2'].map((id) => ({ namespace: 'CRMID', id })), mergePolicy: 'alone' },
      token,
    });
    expect(lookup.body).toMatchObject({
      results: [{ found: true, profile: { attributes: { city: 'Rome' } } }, { found: false }, { found: true }],
    });
  });

  it('exists, with nothing in it, when the policy selects none of its datasets', async () => {
    const token = await given(service, 'crm/records', [{ crmId: 'x1', city: 'Rome' }]);
    expect(await get('CRMID/x1?mergePolicy=only-loyalty', token)).toMatchObject({
      status: 200,
      body: { attributes: {}, sources: [], fragments: 0, events: { count: 0 } },
    });
    expect((await get('CRMID/x1/events?mergePolicy=only-loyalty', token)).body).toEqual({ items: [] });
  });

  it.each(['CRMID/w1', 'CRMID/w1/events', 'CRMID/w1/lineage'])('%s knows no other policies', async (path) => {
    const { body } = await get(`${path}?mergePolicy=nope`);
    expect(body).toMatchObject({ status: 404, code: 'MERGE_POLICY_NOT_FOUND' });
  });
});

describe('a changed policy', () => {
  it('shows at once, be it the default or another one', async () => {
    const token = await workedExample(service, 'c1');
    await putPolicy(service, 'turning', precedence('crm', 'loyalty'));
    expect(await attributesOf('CRMID/c1?mergePolicy=turning', token)).toMatchObject({ city: 'Rome', tier: 'none' });
    await putPolicy(service, 'turning', precedence('loyalty', 'crm'));
    expect(await attributesOf('CRMID/c1?mergePolicy=turning')).toMatchObject({ city: 'Oslo', tier: 'gold' });
    expect(await get('CRMID/c1?mergePolicy=turning')).toMatchObject({ body: { mergePolicy: { version: 2 } } });

    await putPolicy(service, 'default', { ...NEWEST_FIELD });
    expect(await attributesOf('CRMID/c1')).toMatchObject({ city: 'Oslo', tier: 'none' });
    const touched = await given(service, 'crm/upserts', [{ crmId: 'c1', phone: '2' }]);
    expect(await attributesOf('CRMID/c1', touched)).toMatchObject({ city: 'Oslo', phone: '2', tier: 'none' });
    await putPolicy(service, 'default', { ...NEWEST, identityGraph: 'none' });
    expect(await get('CRMID/c1')).toMatchObject({ body: { identities: [{ id: 'c1' }], attributes: { city: 'Rome' } } });
    await putPolicy(service, 'default', { ...NEWEST });
    expect(await attributesOf('CRMID/c1')).toMatchObject({ city: 'Rome', phone: '2', tier: 'none' });
  });
});

describe('a policy that names a dataset that was deleted', () => {
  it('works without it, and says so', async () => {
    for (const [path, body] of [
      ['datasets/old', { schema: 'person' }],
      ['datasets/old/enable', {}],
    ] as const) {
      await service.fetch(`/v1/${path}`, { method: path.endsWith('enable') ? 'POST' : 'PUT', body });
    }
    await given(service, 'old/records', [{ crmId: 'd1', city: 'Bonn', phone: '9' }]);
    const token = await given(service, 'crm/records', [{ crmId: 'd1', city: 'Rome' }]);
    await putPolicy(service, 'old-first', precedence('old', 'crm'));
    expect(await attributesOf('CRMID/d1?mergePolicy=old-first', token)).toEqual({ city: 'Bonn', phone: '9' });
    const deleted = await service.fetch('/v1/datasets/old', { method: 'DELETE' });
    await waitForJob(service, (deleted.body as { job: string }).job);
    expect(await attributesOf('CRMID/d1?mergePolicy=old-first', await head())).toEqual({ city: 'Rome' });
    const policy = await service.fetch('/v1/merge-policies/old-first');
    expect(policy.body).toMatchObject({ missingDatasets: ['old'], version: 1 });
    expect(await putPolicy(service, 'old-first', { ...precedence('old', 'crm'), name: 'changed' })).toMatchObject({
      status: 404,
      body: { code: 'DATASET_NOT_FOUND' },
    });
  });

  /** A position behind everything that was written so far. */
  const head = () => given(service, 'crm/records', [{ crmId: 'other' }]);
});

describe('the preview of a policy', () => {
  it('shows profiles as they would be, with the differences to the default view', async () => {
    const token = await workedExample(service, 'v1');
    const before = await service.fetch('/v1/merge-policies');
    const preview = (policy: JsonObject) =>
      service.fetch('/v1/merge-policies/preview', {
        body: {
          policy,
          identities: [
            { namespace: 'crmid', id: 'v1' },
            { namespace: 'CRMID', id: 'nobody' },
          ],
        },
        token,
      });
    const { status, body } = await preview(precedence('loyalty'));
    expect(status).toBe(200);
    expect(body).toMatchObject({
      comparedWith: { id: 'default' },
      results: [
        {
          identity: { namespace: 'CRMID', id: 'v1' },
          found: true,
          profile: { attributes: { city: 'Oslo', tier: 'gold' }, sources: ['loyalty'], fragments: 1 },
          differences: expect.arrayContaining([
            { path: 'city', change: 'changed', before: 'Rome', after: 'Oslo' },
            { path: 'phone', change: 'removed', before: '1' },
            { path: 'tier', change: 'changed', before: 'none', after: 'gold' },
          ]),
        },
        { identity: { namespace: 'CRMID', id: 'nobody' }, found: false, differences: [] },
      ],
    });
    expect((await preview(NEWEST)).body).toMatchObject({ results: [{ differences: [] }, { found: false }] });
    expect((await service.fetch('/v1/merge-policies')).body).toEqual(before.body);
    expect(await attributesOf('CRMID/v1')).toEqual({ city: 'Rome', phone: '1', tier: 'none' });
  });

  it('takes the first few profiles that there are', async () => {
    const { body } = await service.fetch('/v1/merge-policies/preview', { body: { policy: NEWEST_FIELD } });
    const { results } = body as { results: { found: boolean }[] };
    expect(results).toHaveLength(5);
    expect(results.every(({ found }) => found)).toBe(true);
  });

  it.each<[JsonObject, number, string]>([
    [{ policy: NEWEST, identities: [] }, 400, 'INVALID_REQUEST'],
    [{ identities: [{ namespace: 'CRMID', id: '7' }] }, 400, 'INVALID_REQUEST'],
    [{ policy: { ...NEWEST, default: true } }, 400, 'INVALID_REQUEST'],
    [{ policy: NEWEST, identities: [{ namespace: 'NOPE', id: '7' }] }, 404, 'NAMESPACE_NOT_FOUND'],
  ])('refuses %j', async (body, status, code) => {
    expect(await service.fetch('/v1/merge-policies/preview', { body })).toMatchObject({ status, body: { code } });
  });
});

describe('the lineage of a profile', () => {
  it('shows for every leaf who won, by which rule, and who lost', async () => {
    const token = await workedExample(service, 'l1');
    const { status, body } = await get('CRMID/l1/lineage?mergePolicy=loyalty-first&fields=city,phone', token);
    expect(status).toBe(200);
    const owner = { namespace: 'CRMID', id: 'l1' };
    const at = (second: number) => `2024-01-01T00:00:0${second}.000Z`;
    expect(body).toEqual({
      identity: owner,
      profileId: expect.any(String),
      mergePolicy: { id: 'loyalty-first', version: 1 },
      leaves: [
        {
          path: 'city',
          value: 'Oslo',
          dataset: 'loyalty',
          identity: owner,
          at: at(2),
          position: expect.any(String),
          fragmentUpdatedAt: at(2),
          rule: 'dataSetPrecedence',
          losers: [
            {
              value: 'Rome',
              dataset: 'crm',
              identity: owner,
              at: at(1),
              position: expect.any(String),
              fragmentUpdatedAt: at(3),
              rule: 'dataSetPrecedence',
            },
          ],
        },
        expect.objectContaining({ path: 'phone', rule: 'only', losers: [] }),
      ],
    });
    const all = await get('by-identity/lineage?namespace=CRMID&id=l1', token);
    const { leaves } = all.body as { leaves: { path: string; value: unknown }[] };
    const { attributes } = (await get('CRMID/l1', token)).body as { attributes: JsonObject };
    const { extSourceSystemAudit, ...flat } = attributes;
    const lastUpdatedDate = (extSourceSystemAudit as JsonObject)['lastUpdatedDate'];
    expect(Object.fromEntries(leaves.map(({ path, value }) => [path, value]))).toEqual({
      ...flat,
      'extSourceSystemAudit.lastUpdatedDate': lastUpdatedDate,
    });
    expect(await get('CRMID/nobody/lineage')).toMatchObject({ status: 404, body: { code: 'PROFILE_NOT_FOUND' } });
  });
});

describe('a lookup under a policy while clusters change', () => {
  it('answers each profile as it was before or as it was after, never a mixture', async () => {
    const ids = Array.from({ length: 60 }, (_, index) => index);
    await given(
      service,
      'crm/records',
      ids.map((id) => ({ crmId: `a${id}`, city: 'Rome', phone: '1' })),
    );
    const token = await given(
      service,
      'loyalty/records',
      ids.map((id) => ({ crmId: `b${id}`, city: 'Oslo', tier: 'gold' })),
    );
    const identities = ids.map((id) => ({ namespace: 'CRMID', id: `a${id}` }));
    const lookUp = async (after?: string) => {
      const body = { identities, mergePolicy: 'loyalty-first' };
      const answer = await service.fetch('/v1/profiles/lookup', { body, token: after });
      expect(answer.status).toBe(200);
      return (answer.body as { results: readonly LookedUp[] }).results;
    };
    const seen = new Set((await lookUp(token)).map(stateOf));
    expect(seen).toEqual(new Set([BEFORE]));

    const joins = { done: false };
    const joining = (async () => {
      let last: string | undefined;
      for (const id of ids)
        last = await given(service, 'visits/events', [visitOf(`j${id}`, `web-j${id}`, `a${id}`, `b${id}`)]);
      joins.done = true;
      return last;
    })();
    let lookups = 0;
    while (!joins.done) {
      for (const result of await lookUp()) seen.add(stateOf(result));
      lookups += 1;
    }
    expect(seen).toEqual(new Set([BEFORE, AFTER]));
    expect(lookups).toBeGreaterThan(3);
    expect(new Set((await lookUp(await joining)).map(stateOf))).toEqual(new Set([AFTER]));
  });

  interface LookedUp {
    readonly profile: {
      readonly attributes: JsonObject;
      readonly identities: readonly unknown[];
      readonly sources: readonly string[];
    };
  }
  const BEFORE = '1 of crm: Rome 1 -';
  const AFTER = '3 of crm,loyalty: Oslo 1 gold';

  function stateOf({ profile }: LookedUp): string {
    const { attributes, identities, sources } = profile;
    const { city = '-', phone = '-', tier = '-' } = attributes as Record<string, string>;
    return `${identities.length} of ${sources.join()}: ${city} ${phone} ${tier}`;
  }
});
