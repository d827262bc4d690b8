import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { defineCrm, order, sendItems, sendLines } from '../support/crm-catalog.js';
import { killServices, startService, type Service } from '../support/service.js';

let service: Service;

beforeAll(async () => {
  service = await startService();
  await defineCrm(service);
});
afterAll(() => service.stop());
afterAll(killServices);

const profile = (id: string, token?: string) => service.fetch(`/v1/profiles/CRMID/${id}`, { token });
const fragment = (id: string, token?: string) => service.fetch(`/v1/datasets/crm/fragments/CRMID/${id}`, { token });
const lines = (items: readonly unknown[]) => items.map((item) => JSON.stringify(item)).join('\n');

describe('an item that is sent again', () => {
  it('is a duplicate with the same content, and reuses its id with other content', async () => {
    const { token } = await sendItems(service, 'orders/events', [
      order('d1', { crmId: 'd' }),
      order('d2', { crmId: 'd' }),
    ]);
    await profile('d', token);
    const { order: content, ...rest } = order('d1', { crmId: 'd' });
    const again = await sendItems(service, 'orders/events', [
      { order: content, ...rest },
      order('d2', { crmId: 'd', order: { priceTotal: 1 } }),
      order('d3', { crmId: 'd' }),
    ]);
    expect(again.status).toBe(202);
    expect(again.body).toEqual({
      accepted: 1,
      rejected: 0,
      duplicates: 2,
      results: [
        { index: 0, status: 'duplicate', code: 'DUPLICATE' },
        { index: 1, status: 'duplicate', code: 'ID_REUSED' },
      ],
    });
    const events = await service.fetch('/v1/profiles/CRMID/d/events', { token: again.token });
    expect((events.body as { items: unknown[] }).items).toHaveLength(3);
    expect(events.body).toMatchObject({
      items: expect.arrayContaining([expect.objectContaining({ id: 'd2', data: order('d2', { crmId: 'd' }) })]),
    });
  });

  it('is found within one request, too', async () => {
    const item = order('same', { crmId: 'd5' });
    const { body } = await sendLines(
      service,
      'orders/events',
      lines([item, item, { ...item, order: { priceTotal: 2 } }]),
    );
    expect(body).toMatchObject({
      accepted: 1,
      duplicates: 2,
      results: [
        { index: 1, line: 2, code: 'DUPLICATE' },
        { index: 2, line: 3, code: 'ID_REUSED' },
      ],
    });
  });

  it('leaves B after A, B and A again', async () => {
    const a = { $messageId: 'a', crmId: 'd6', name: { first: 'A' } };
    const b = { $messageId: 'b', crmId: 'd6', name: { first: 'B' } };
    for (const item of [a, b]) await profile('d6', (await sendItems(service, 'crm/records', [item])).token);
    const { body, token } = await sendItems(service, 'crm/records', [a]);
    expect(body).toMatchObject({ duplicates: 1, results: [{ code: 'DUPLICATE' }] });
    expect(await profile('d6', token)).toMatchObject({ body: { attributes: { name: { first: 'B' } } } });
  });

  it('is known by Idempotency-Key, content and occurrence when it has no id', async () => {
    const key = { 'idempotency-key': 'load-1' };
    const items = [
      { crmId: 'd7', visits: 1 },
      { crmId: 'd7', visits: 2 },
      { crmId: 'd7', visits: 1 },
    ];
    const first = await sendItems(service, 'crm/records', items, key);
    expect(first.body).toMatchObject({ accepted: 3, duplicates: 0 });
    await profile('d7', first.token);
    const corrected = await sendItems(service, 'crm/records', [...items.slice(0, 2), { crmId: 'd7', visits: 3 }], key);
    expect(corrected.body).toMatchObject({ accepted: 1, duplicates: 2 });
    const other = await sendItems(service, 'crm/records', items, { 'idempotency-key': 'load-2' });
    expect(other.body).toMatchObject({ accepted: 3, duplicates: 0 });
  });

  it('is not recognised without an id', async () => {
    for (let i = 0; i < 2; i += 1) {
      const { body, token } = await sendItems(service, 'crm/records', [{ crmId: 'd8' }]);
      expect(body).toMatchObject({ accepted: 1, duplicates: 0 });
      await profile('d8', token);
    }
  });
});

describe('$ifRevision', () => {
  const sendAt = (revision: number, id = 'r1') =>
    sendItems(service, 'crm/records?results=all', [{ crmId: id, $ifRevision: revision }]);

  it('lets an item pass at this revision only, and says the actual one', async () => {
    expect((await sendAt(-1)).body.results).toEqual([{ index: 0, status: 'accepted', revision: 0 }]);
    expect((await sendAt(0)).body.results).toEqual([{ index: 0, status: 'accepted', revision: 1 }]);
    for (const [revision, message] of [
      [-1, 'the fragment is at revision 1'],
      [0, 'the fragment is at revision 1'],
    ] as const) {
      const { status, body } = await sendAt(revision);
      expect(status).toBe(422);
      expect(body.results).toEqual([
        {
          index: 0,
          status: 'rejected',
          code: 'REVISION_MISMATCH',
          errors: [{ path: '$ifRevision', keyword: 'REVISION_MISMATCH', message }],
          revision: 1,
        },
      ]);
    }
    expect((await sendAt(3, 'r2')).body.results).toMatchObject([{ code: 'REVISION_MISMATCH', revision: -1 }]);
  });

  it('agrees with what the fragment says', async () => {
    const { token } = await sendItems(service, 'crm/records', [{ crmId: 'r3' }, { crmId: 'r3', visits: 1 }]);
    const { body } = await fragment('r3', token);
    expect(body).toMatchObject({
      dataset: 'crm',
      owner: { namespace: 'CRMID', id: 'r3' },
      revision: 1,
      attributes: { visits: 1 },
    });
    expect((await sendAt(1, 'r3')).body).toMatchObject({ accepted: 1 });
  });

  it('comes after a known duplicate', async () => {
    const item = { crmId: 'r4', $messageId: 'm', $ifRevision: -1 };
    await profile('r4', (await sendItems(service, 'crm/records', [item])).token);
    expect((await sendItems(service, 'crm/records', [item])).body.results).toMatchObject([{ code: 'DUPLICATE' }]);
  });
});
