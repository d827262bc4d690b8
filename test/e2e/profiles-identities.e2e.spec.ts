import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { JsonObject } from '#core';

import { defineCrm, given, visit } from '../support/crm-catalog.js';
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
