import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { JsonObject } from '#core';

import { defineCrm, given, order, sendItems } from '../support/crm-catalog.js';
import { killServices, startService, type Service } from '../support/service.js';

let service: Service;

beforeAll(async () => {
  service = await startService();
  await defineCrm(service);
  await service.fetch('/v1/datasets/sourced', { method: 'PUT', body: { schema: 'crm', ordering: 'source' } });
  await service.fetch('/v1/datasets/sourced/enable', { body: {} });
});
afterAll(() => service.stop());
afterAll(killServices);

const profile = (id: string, token?: string) => service.fetch(`/v1/profiles/CRMID/${id}`, { token });
const remove = (path: string) => service.fetch(`/v1/profiles/${path}`, { method: 'DELETE' });
const attributesOf = async (id: string, token?: string) =>
  ((await profile(id, token)).body as { attributes?: JsonObject }).attributes;

async function rebuild(): Promise<void> {
  const { body } = await service.fetch('/v1/projections/profile/rebuild', { method: 'POST' });
  for (;;) {
    const job = await service.fetch(`/v1/jobs/${(body as { job: string }).job}`);
    const { state } = job.body as { state: string };
    if (state === 'succeeded') return;
    if (state === 'failed') throw new Error(JSON.stringify(job.body));
  }
}

describe('ids of upserts', () => {
  const a = { $messageId: 'a', crmId: 'i1', name: { first: 'A' } };
  const b = { $messageId: 'b', crmId: 'i1', name: { first: 'B' } };

  it('leave B after A, B and A again, also after a restart and after a rebuild', async () => {
    const token = await given(service, 'crm/upserts', [a, b]);
    expect(await attributesOf('i1', token)).toMatchObject({ name: { first: 'B' } });
    expect((await sendItems(service, 'crm/upserts', [a])).body.results).toMatchObject([{ code: 'DUPLICATE' }]);
    service = await (async () => {
      await service.kill('SIGTERM');
      return service.restart();
    })();
    expect((await sendItems(service, 'crm/upserts', [a])).body.results).toMatchObject([{ code: 'DUPLICATE' }]);
    await rebuild();
    const again = await sendItems(service, 'crm/upserts', [a]);
    expect(again.body).toMatchObject({ duplicates: 1 });
    expect(await attributesOf('i1', again.token)).toMatchObject({ name: { first: 'B' } });
  });

  it('are reused by other content, instructions being part of it, and by a record with the same data', async () => {
    const item = { $messageId: 'm', crmId: 'i2', tags: ['a'] };
    const token = await given(service, 'crm/upserts', [item]);
    await profile('i2', token);
    const others = [
      { ...item, tags: ['b'] },
      { ...item, $append: { tags: ['a'] } },
      { ...item, $unset: ['name'] },
    ];
    const { body } = await sendItems(service, 'crm/upserts', others);
    expect(body.results.map(({ code }) => code)).toEqual(['ID_REUSED', 'ID_REUSED', 'ID_REUSED']);
    expect((await sendItems(service, 'crm/records', [item])).body.results).toMatchObject([{ code: 'ID_REUSED' }]);
  });

  it('come of key, content and occurrence under an Idempotency-Key', async () => {
    const key = { 'idempotency-key': 'patches-1' };
    const append = { crmId: 'i3', $append: { tags: ['x'] } };
    const first = await sendItems(service, 'crm/upserts', [append, append], key);
    expect(first.body).toMatchObject({ accepted: 2 });
    await profile('i3', first.token);
    const corrected = await sendItems(service, 'crm/upserts', [append, { ...append, visits: 1 }], key);
    expect(corrected.body).toMatchObject({ accepted: 1, duplicates: 1 });
    const whole = await sendItems(service, 'crm/upserts', [append, append], key);
    expect(whole.body).toMatchObject({ accepted: 0, duplicates: 2 });
    expect(await attributesOf('i3', corrected.token)).toMatchObject({ tags: ['x', 'x', 'x'], visits: 1 });
  });
});

describe('a delete', () => {
  it('takes what the identity owns, and with scope=profile what its whole profile owns', async () => {
    await given(service, 'crm/records', [{ crmId: 'd1', email: 'd1@example.org', visits: 1 }]);
    await given(service, 'loyalty/records', [{ crmId: 'd1', tags: ['gold'] }]);
    await given(service, 'orders/events', [order('o1', { crmId: 'd1' })]);
    await given(service, 'visits/events', [
      {
        _id: 'v1',
        timestamp: '2010-12-01T08:00:00Z',
        identityMap: { WEB: [{ id: 'd1-cookie', primary: true }], CRMID: [{ id: 'd1' }] },
      },
    ]);
    expect(await remove('WEB/d1-cookie')).toMatchObject({ status: 202, body: { fragments: 1, remainingFragments: 3 } });
    const all = await remove('by-identity?namespace=Email&id=d1%40example.org&scope=profile');
    expect(all).toMatchObject({ status: 202, body: { fragments: 3, remainingFragments: 0 } });
    expect(await profile('d1', all.token)).toMatchObject({ status: 404, body: { code: 'PROFILE_NOT_FOUND' } });
    expect((await service.fetch('/v1/profiles/CRMID/d1/events', { token: all.token })).status).toBe(404);
    const { status, body } = await service.fetch('/v1/profiles/CRMID/d1/identities');
    expect(status).toBe(200);
    expect((body as { identities: unknown[] }).identities).toHaveLength(3);
    const { body: lookup } = await service.fetch('/v1/profiles/lookup', {
      body: { identities: [{ namespace: 'CRMID', id: 'd1' }] },
    });
    expect(lookup).toMatchObject({ results: [{ found: false }] });
  });

  it('of nothing is 404, also the second time', async () => {
    await given(service, 'crm/records', [{ crmId: 'd2' }]);
    expect((await remove('CRMID/d2')).status).toBe(202);
    for (const path of ['CRMID/d2', 'CRMID/d2?scope=profile', 'CRMID/never-seen']) {
      expect(await remove(path)).toMatchObject({ status: 404, body: { code: 'PROFILE_NOT_FOUND' } });
    }
    expect((await remove('NOPE/d2')).body).toMatchObject({ code: 'NAMESPACE_NOT_FOUND' });
    expect((await remove('CRMID/d2?scope=all')).status).toBe(400);
  });

  it('finds what was acknowledged before it, and what does not show', async () => {
    await given(service, 'parked/events', [order('p1', { crmId: 'd3' })]);
    await given(service, 'crm/records', [{ crmId: 'd3' }]);
    expect((await remove('CRMID/d3')).body).toMatchObject({ fragments: 2 });
  });

  it('stays within its sandbox', async () => {
    await service.fetch('/v1/sandboxes/dev', { method: 'PUT', body: { title: 'Development' } });
    await defineCrm(service, 'dev');
    const token = await given(service, 'crm/records', [{ crmId: 'd4' }]);
    expect((await service.fetch('/v1/profiles/CRMID/d4', { method: 'DELETE', sandbox: 'dev' })).status).toBe(404);
    expect((await profile('d4', token)).status).toBe(200);
  });

  it('starts the fragment anew and releases its ids', async () => {
    const record = { $messageId: 'm', crmId: 'd5', visits: 1, name: { first: 'Ona' } };
    const event = order('e5', { crmId: 'd5' });
    await given(service, 'crm/records', [record]);
    await given(service, 'orders/events', [event]);
    const deleted = await remove('CRMID/d5');
    await profile('d5', deleted.token);
    expect((await sendItems(service, 'crm/records', [record])).body).toMatchObject({ accepted: 1, duplicates: 0 });
    expect((await sendItems(service, 'orders/events', [event])).body).toMatchObject({ accepted: 1, duplicates: 0 });
    const { token } = await sendItems(service, 'crm/upserts', [{ crmId: 'd5', visits: 2 }]);
    expect((await profile('d5', token)).body).toMatchObject({
      attributes: { visits: 2, name: { first: 'Ona' } },
      events: { count: 1 },
    });
    expect((await sendItems(service, 'crm/records', [record])).body).toMatchObject({ duplicates: 1 });
    await rebuild();
    expect((await profile('d5')).body).toMatchObject({ attributes: { visits: 2 }, events: { count: 1 } });
  });

  it('leaves no fragment for $ifRevision', async () => {
    const at = (revision: number) =>
      sendItems(service, 'crm/records?results=all', [{ crmId: 'd6', $ifRevision: revision }]);
    await at(-1);
    await remove('CRMID/d6');
    expect((await at(1)).body.results).toMatchObject([{ code: 'REVISION_MISMATCH', revision: -1 }]);
    expect((await at(0)).body.results).toMatchObject([{ code: 'REVISION_MISMATCH', revision: -1 }]);
    expect((await at(-1)).body.results).toMatchObject([{ status: 'accepted', revision: 2 }]);
    expect((await at(-1)).body.results).toMatchObject([{ code: 'REVISION_MISMATCH', revision: 2 }]);
    const twice = [
      { crmId: 'd6b', $ifRevision: -1 },
      { crmId: 'd6b', $ifRevision: 0, visits: 1 },
    ];
    await given(service, 'crm/upserts', twice);
    await remove('CRMID/d6b');
    const { body } = await sendItems(service, 'crm/upserts', [twice[0], { ...twice[1], $ifRevision: 3 }]);
    expect(body).toMatchObject({ accepted: 2 });
  });
});

describe('a dataset that is ordered by source time', () => {
  const item = (crmId: string, day: number, visits: number) => ({
    crmId,
    visits,
    extSourceSystemAudit: { lastUpdatedDate: `2024-01-0${day}T00:00:00Z` },
  });

  it('refuses items without source time, records and upserts', async () => {
    for (const path of ['sourced/records', 'sourced/upserts']) {
      const { status, body } = await sendItems(service, path, [{ crmId: 's1' }]);
      expect(status).toBe(422);
      expect(body.results).toMatchObject([
        { code: 'SOURCE_TIME_MISSING', errors: [{ path: 'extSourceSystemAudit.lastUpdatedDate' }] },
      ]);
    }
  });

  it('lets what is not newer be without effect, also across a delete', async () => {
    const token = await given(service, 'sourced/records', [item('s2', 5, 5), item('s2', 4, 4), item('s2', 5, 6)]);
    expect(await attributesOf('s2', token)).toMatchObject({ visits: 5 });
    await remove('CRMID/s2');
    const stale = await given(service, 'sourced/records', [item('s2', 5, 5)]);
    expect((await profile('s2', stale)).status).toBe(404);
    const newer = await given(service, 'sourced/upserts', [item('s2', 6, 7)]);
    expect(await attributesOf('s2', newer)).toMatchObject({ visits: 7 });
    const { body } = await service.fetch('/v1/datasets/sourced', { token: newer });
    expect(body).toMatchObject({ ordering: 'source', counts: { stale: 3, recordFragments: 1 } });
  });
});
