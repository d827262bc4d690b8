import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { loaded } from '../support/batches.js';
import { defineCrm, visit } from '../support/crm-catalog.js';
import { IdentityGraph } from '../support/identity-graph.js';
import { killServices, startService, type Service } from '../support/service.js';

let service: Service;
const graph = new IdentityGraph(() => service);
const other = new IdentityGraph(() => service, 'other');

beforeAll(async () => {
  service = await startService();
  await service.fetch('/v1/sandboxes/other', { method: 'PUT', body: { title: 'Other' } });
  await defineCrm(service);
  await defineCrm(service, 'other');
});
afterAll(() => service.stop());
afterAll(killServices);

const signals = async (of = graph, query = '') => (await of.fetch(`/v1/identity-signals${query}`)).body;
/** A person with so many cookies. */
const withCookies = (person: string, count: number) =>
  Array.from({ length: count }, (_, i) =>
    visit(`${person}-${i}`, `2024-01-01T00:00:${String(i % 60).padStart(2, '0')}Z`, `${person}-${i}`, {
      CRMID: [{ id: person }],
    }),
  );

describe('the signals of a sandbox', () => {
  it('are empty where there is nothing unusual', async () => {
    expect(await signals(other)).toEqual({
      nearLimit: { limit: 50, count: 0, items: [] },
      manyLinks: { count: 0, items: [] },
      refused: { since: expect.stringMatching(/^\d{4}-/), counts: [], values: [] },
    });
  });

  it('have profiles from 80 % of the limit on, largest first, and those that identities had to leave', async () => {
    await graph.given('visits/events', [
      ...withCookies('small', 38),
      ...withCookies('near', 39),
      ...withCookies('full', 49),
      ...withCookies('over', 50),
    ]);
    const { nearLimit } = (await signals()) as {
      nearLimit: { items: { profileId: string; identity: { id: string } }[] };
    };
    expect(nearLimit).toMatchObject({
      limit: 50,
      count: 3,
      items: expect.arrayContaining([
        expect.objectContaining({ size: 40, evicted: false }),
        expect.objectContaining({ size: 50, evicted: false }),
        expect.objectContaining({ size: 50, evicted: true }),
      ]),
    });
    const sizes = nearLimit.items.map((item) => (item as unknown as { size: number }).size);
    expect(sizes).toEqual([50, 50, 40]);
    const near = nearLimit.items.at(-1);
    expect((await graph.profile('CRMID:near')).body).toMatchObject({ profileId: near?.profileId });
    expect(await signals(graph, '?limit=1')).toMatchObject({ nearLimit: { count: 3, items: [{ size: 50 }] } });
  });

  it('follow the limit when it is changed', async () => {
    await graph.settings({ maxIdentities: 62 });
    expect(await signals()).toMatchObject({
      nearLimit: { limit: 62, count: 2, items: [{ size: 51, evicted: false }, { size: 50 }] },
    });
    await graph.settings({});
    expect(await signals()).toMatchObject({ nearLimit: { limit: 50, count: 3 } });
  });

  it('have identities with more than 50 links, most first, until a reverted batch takes them', async () => {
    const used = (count: number, address: string) =>
      Array.from({ length: count }, (_, i) => ({ crmId: `${address}-${i}`, email: `${address}@example.org` }));
    await graph.given('crm/records', [...used(50, 'fifty'), ...used(51, 'more'), ...used(70, 'most')]);
    expect(await signals()).toMatchObject({
      manyLinks: {
        count: 2,
        items: [
          { identity: { namespace: 'Email', id: 'most@example.org' }, links: 70 },
          { identity: { namespace: 'Email', id: 'more@example.org' }, links: 51 },
        ],
      },
    });
    const rows = withCookies('reverted', 55).map((row) => JSON.stringify(row));
    const { id } = await loaded(service, 'visits/batches?format=ndjson', rows.join('\n'));
    expect(await signals()).toMatchObject({
      manyLinks: { count: 3, items: [{ links: 70 }, { identity: { id: 'reverted' }, links: 55 }, { links: 51 }] },
    });
    const { body } = await graph.fetch(`/v1/batches/${id}/revert`, { method: 'POST' });
    await graph.done((body as { job: string }).job);
    expect(await signals()).toMatchObject({ manyLinks: { count: 2 } });
  });

  it('count values that were refused, once each, and never those of a dry run', async () => {
    await graph.settings({ blockedValues: ['Test@example.org'] });
    const items = [
      { crmId: 'r1', email: 'TEST@example.org' },
      { crmId: 'r2', email: 'test@example.org' },
      { crmId: 'NA', email: 'r3@example.org' },
    ];
    await graph.fetch('/v1/datasets/crm/records', { body: items });
    await graph.fetch('/v1/datasets/crm/records?dryRun=true', { body: items });
    const csv = ['crmId,email', 'r4,test@example.org', 'r5,r5@example.org'].join('\n');
    await loaded(service, 'crm/batches?format=csv', csv);
    await graph.fetch('/v1/datasets/visits/events', {
      body: [visit('r6', '2024-01-01T00:00:00Z', 'r6', { ECID: [{ id: 'not 38 digits' }] })],
    });
    expect(await signals()).toMatchObject({
      refused: {
        counts: [
          { namespace: 'Email', code: 'IDENTITY_BLOCKED', count: 3 },
          { namespace: 'CRMID', code: 'IDENTITY_BLOCKED', count: 1 },
          { namespace: 'ECID', code: 'IDENTITY_INVALID', count: 1 },
        ],
        values: [
          { namespace: 'Email', value: 'test@example.org', count: 3 },
          { namespace: 'CRMID', value: 'na', count: 1 },
        ],
      },
    });
    const metrics = (await service.fetch('/metrics')).body as string;
    expect(metrics).toContain('tessera_identities_refused_total{namespace="Email",code="IDENTITY_BLOCKED"} 3');
    expect(metrics).not.toContain('test@example.org');
  });

  it('are those of one sandbox, and the same after a rebuild', async () => {
    expect(await signals(other)).toMatchObject({
      nearLimit: { count: 0 },
      manyLinks: { count: 0 },
      refused: { counts: [], values: [] },
    });
    const before = await signals();
    await graph.projection('rebuild');
    expect(await signals()).toEqual(before);
    expect(await graph.projection('verify')).toMatchObject({ result: { differences: [] } });
  });

  it.each(['0', '101', 'many'])('refuse a limit of %s', async (limit) => {
    const answer = await graph.fetch(`/v1/identity-signals?limit=${limit}`);
    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'INVALID_REQUEST', errors: expect.arrayContaining([expect.objectContaining({ path: 'limit' })]) },
    });
  });
});
