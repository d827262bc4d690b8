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

interface Identity {
  readonly namespace: string;
  readonly id: string;
}
interface EventPage {
  readonly items: readonly { readonly id: string; readonly identity: Identity; readonly timestamp: string }[];
  readonly next?: string;
}

const get = (path: string, token?: string) => service.fetch(`/v1/profiles/${path}`, { token });
const send = (path: string, items: readonly JsonObject[]) => given(service, path, items);

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
