import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { defineCrm, visit } from '../support/crm-catalog.js';
import { IdentityGraph, type Named } from '../support/identity-graph.js';
import { killServices, startService, type Service } from '../support/service.js';

let service: Service;
const graph = new IdentityGraph(() => service);
/** Where the links that are blocked elsewhere never were. */
const without = new IdentityGraph(() => service, 'without');

beforeAll(async () => {
  service = await startService();
  await service.fetch('/v1/sandboxes/without', { method: 'PUT', body: { title: 'Without the link' } });
  await defineCrm(service);
  await defineCrm(service, 'without');
});
afterAll(() => service.stop());
afterAll(killServices);

/** What is said of people, but for ids of profiles, which belong to a sandbox, and times of ingestion. */
async function said(of: IdentityGraph, ...people: readonly Named[]): Promise<unknown> {
  return Promise.all(
    people.map(async (named) => {
      const { status, body } = await of.profile(named);
      const { profileId: _id, lastModifiedAt: _at, ...profile } = body as Record<string, unknown>;
      const path = `/v1/profiles/${named.replace(':', '/')}/events`;
      const { items = [] } = (await of.fetch(path)).body as { items?: readonly { id: string; data: unknown }[] };
      return [status, profile, items.map(({ id, data }) => [id, data])];
    }),
  );
}

const purchase = (id: string, crmId: string) => ({
  _id: id,
  timestamp: `2024-03-0${id.length}T00:00:00Z`,
  eventType: 'commerce.purchases',
  crmId,
  order: { priceTotal: 10.5 },
});
const login = (id: string, cookie: string, person: string) =>
  visit(id, '2024-03-01T10:00:00Z', cookie, { CRMID: [{ id: person }] });

describe('blocking a link', () => {
  it('leaves attributes, events and counts exactly as without it; unblocking restores', async () => {
    const items = async (of: IdentityGraph) => {
      await of.given('crm/records', [
        { crmId: 'p', email: 'p@example.org', name: { first: 'Pia' }, tags: ['a'] },
        { crmId: 'q', name: { first: 'Quin', last: 'Ray' }, visits: 3 },
      ]);
      await of.given('orders/events', [purchase('1', 'p'), purchase('12', 'q'), purchase('123', 'q')]);
      await of.given('visits/events', [login('lp', 'wp', 'p'), login('lq', 'wq', 'q')]);
    };
    await items(graph);
    await items(without);
    const people = ['CRMID:p', 'CRMID:q', 'WEB:wp', 'WEB:wq', 'Email:p@example.org'];
    // An upsert of q that names p's address by mistake.
    await graph.given('crm/upserts', [{ crmId: 'q', email: 'p@example.org' }]);
    await without.given('crm/upserts', [{ crmId: 'q', email: 'p@example.org' }]);
    await without.block('CRMID:q', 'Email:p@example.org');
    const joined = await graph.answersAbout(people);
    expect((await graph.profile('CRMID:p')).body).toMatchObject({ events: { count: 5 }, fragments: 6 });
    expect(await graph.cluster('CRMID:p')).toHaveLength(5);

    const blocked = await graph.block('crmid:q', 'Email:P@Example.org', 'a slip of the pen', 'support@shop.example');
    expect(blocked).toMatchObject({
      status: 200,
      body: { a: { namespace: 'CRMID', id: 'q' }, b: { namespace: 'Email', id: 'p@example.org' }, blocked: true },
    });
    expect(await graph.clusters(...people)).toEqual([
      ['CRMID:p', 'Email:p@example.org', 'WEB:wp'],
      ['CRMID:q', 'WEB:wq'],
    ]);
    expect(await said(graph, ...people)).toEqual(await said(without, ...people));
    expect((await graph.links('CRMID:q')).find(({ state }) => state === 'blocked')).toEqual({
      ends: ['CRMID:q', 'Email:p@example.org'],
      state: 'blocked',
      reason: 'a slip of the pen',
      by: 'support@shop.example',
      datasets: ['crm'],
    });
    // Using it again changes nothing.
    await graph.given('crm/upserts', [{ crmId: 'q', email: 'p@example.org' }]);
    expect(await graph.clusters('CRMID:p', 'CRMID:q')).toHaveLength(2);
    const apart = await graph.answersAbout(people);

    expect((await graph.unblock('CRMID:q', 'Email:p@example.org')).body).toMatchObject({ blocked: false });
    expect(withoutTimes(await graph.answersAbout(people))).toEqual(withoutTimes(joined));
    await graph.block('CRMID:q', 'Email:p@example.org', 'a slip of the pen', 'support@shop.example');
    expect(withoutTimes(await graph.answersAbout(people))).toEqual(withoutTimes(apart));
  });

  it('parts what never was linked in the control as well', async () => {
    await graph.given('visits/events', [visit('c1', '2024-03-01T00:00:00Z', 'cw', { CRMID: [{ id: 'c' }] })]);
    await without.given('visits/events', [visit('c1', '2024-03-01T00:00:00Z', 'cw')]);
    await graph.given('orders/events', [purchase('c', 'c')]);
    await without.given('orders/events', [purchase('c', 'c')]);
    await graph.block('WEB:cw', 'CRMID:c');
    const counts = async (of: IdentityGraph) =>
      Promise.all(
        ['CRMID:c', 'WEB:cw'].map(async (one) => (await of.profile(one)).body as { events: unknown; sources: unknown }),
      );
    expect((await counts(graph)).map(({ events, sources }) => [events, sources])).toEqual(
      (await counts(without)).map(({ events, sources }) => [events, sources]),
    );
  });

  it('again changes nothing: the words of the first time stay', async () => {
    await graph.given('visits/events', [login('again', 'again', 'again')]);
    await graph.block('CRMID:again', 'WEB:again', 'first');
    expect((await graph.block('CRMID:again', 'WEB:again', 'first')).status).toBe(200);
    await graph.block('CRMID:again', 'WEB:again', 'second');
    expect(await graph.links('CRMID:again')).toMatchObject([{ state: 'blocked', reason: 'first', by: 'api' }]);
  });

  it('of two identities that nothing links is refused with 404 LINK_NOT_FOUND', async () => {
    await graph.given('visits/events', [login('n1', 'n1', 'n1'), login('n2', 'n2', 'n2')]);
    for (const [a, b] of [
      ['CRMID:n1', 'CRMID:n2'],
      ['CRMID:n1', 'WEB:n2'],
      ['CRMID:nobody', 'WEB:nowhere'],
    ] as const) {
      expect(await graph.block(a, b)).toMatchObject({ status: 404, body: { code: 'LINK_NOT_FOUND' } });
    }
    expect(await graph.block('CRMID:n1', 'NOPE:n1')).toMatchObject({
      status: 404,
      body: { code: 'NAMESPACE_NOT_FOUND', errors: [{ path: 'b.namespace' }] },
    });
    expect(await graph.unblock('CRMID:n1', 'WEB:n1')).toMatchObject({
      status: 409,
      body: { code: 'LINK_NOT_BLOCKED' },
    });
  });

  it('wants to know both ends and why', async () => {
    const bodies = [
      [{ a: { namespace: 'CRMID', id: 'n1' }, reason: 'x' }, 'b'],
      [{ a: { namespace: 'CRMID', id: 'n1' }, b: { namespace: 'WEB', id: 'n1' } }, 'reason'],
      [{ a: { namespace: 'CRMID' }, b: { namespace: 'WEB', id: 'n1' }, reason: 'x' }, 'a.id'],
    ] as const;
    for (const [body, path] of bodies) {
      const answer = await graph.fetch('/v1/identity-links/block', { body });
      expect(answer).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
      expect((answer.body as { errors: { path: string }[] }).errors.map((error) => error.path)).toContain(path);
    }
  });
});

describe('merge of two clusters while a lookup runs', () => {
  it('the answer is the one before or the one after, never a mixture', async () => {
    for (let round = 0; round < 15; round += 1) {
      const [crm, web] = [`CRMID:h${round}`, `WEB:h${round}`];
      await graph.given('crm/records', [{ crmId: `h${round}`, email: `h${round}@example.org`, visits: round }]);
      await graph.given('orders/events', [purchase(`h${round}-1`, `h${round}`)]);
      await graph.given('visits/events', [visit(`h${round}-2`, '2024-03-01T00:00:00Z', `h${round}`)]);
      const before = await answers(crm, web);
      let linked = false;
      const seen: (readonly [Named, unknown])[] = [];
      const look = async (named: Named) => {
        do seen.push([named, (await service.fetch(`/v1/profiles/${named.replace(':', '/')}`)).body]);
        while (!linked);
      };
      const lookups = [look(crm), look(web), look(crm), look(web)];
      const token = await linkNow(round);
      await service.fetch(`/v1/profiles/CRMID/h${round}`, { token });
      linked = true;
      await Promise.all(lookups);
      const after = await answers(crm, web);
      expect(after[crm]).not.toEqual(before[crm]);
      for (const [named, answer] of seen) expect([before[named], after[named]]).toContainEqual(answer);
    }
  });

  async function answers(...people: readonly Named[]): Promise<Readonly<Record<Named, unknown>>> {
    return Object.fromEntries(
      await Promise.all(people.map(async (named) => [named, (await graph.profile(named)).body] as const)),
    );
  }

  async function linkNow(round: number): Promise<string | undefined> {
    const item = visit(`h${round}-3`, '2024-03-02T00:00:00Z', `h${round}`, { CRMID: [{ id: `h${round}` }] });
    const { status, token } = await service.fetch('/v1/datasets/visits/events', { body: [item] });
    expect(status).toBe(202);
    return token;
  }
});

describe('split while events stream in', () => {
  it('loses nothing and counts nothing twice', async () => {
    await graph.given('visits/events', [login('s-login', 's', 's')]);
    await graph.given('crm/records', [{ crmId: 's', visits: 1 }]);
    const requests = 60;
    const perRequest = 50;
    const stream = async () => {
      for (let r = 0; r < requests; r += 1) {
        const visits = Array.from({ length: perRequest }, (_, i) =>
          visit(`s-v-${r}-${i}`, '2024-03-02T00:00:00Z', 's'),
        );
        const orders = Array.from({ length: perRequest }, (_, i) => purchase(`s-o-${r}-${i}`.slice(0, 9), 's'));
        await Promise.all([
          graph.given('visits/events', visits),
          graph.given(
            'orders/events',
            orders.map((order, i) => ({ ...order, _id: `s-o-${r}-${i}`, timestamp: '2024-03-02T00:00:00Z' })),
          ),
        ]);
      }
    };
    let streaming = true;
    const load = stream().finally(() => (streaming = false));
    const splits = async () => {
      let count = 0;
      for (; streaming; count += 1) {
        await (count % 2 === 0 ? graph.block('CRMID:s', 'WEB:s') : graph.unblock('CRMID:s', 'WEB:s'));
      }
      return count;
    };
    const [, count] = await Promise.all([load, splits()]);
    expect(count).toBeGreaterThan(4);
    if (count % 2 === 0) await graph.block('CRMID:s', 'WEB:s');
    const total = requests * perRequest;
    const events = async (named: Named) => ((await graph.profile(named)).body as { events: { count: number } }).events;
    // The login is owned by the cookie: this sandbox has no priorities.
    expect(await events('CRMID:s')).toMatchObject({ count: total });
    expect(await events('WEB:s')).toMatchObject({ count: total + 1 });
    await graph.unblock('CRMID:s', 'WEB:s');
    expect(await events('CRMID:s')).toMatchObject({ count: 2 * total + 1 });
    expect(await events('WEB:s')).toMatchObject({ count: 2 * total + 1 });
  });
});

describe('all of it again after a rebuild', () => {
  it('is identical', async () => {
    const before = [await graph.answersAbout(graph.asked), await without.answersAbout(without.asked)];
    expect(await graph.projection('rebuild')).toMatchObject({ state: 'succeeded' });
    const after = [await graph.answersAbout(graph.asked), await without.answersAbout(without.asked)];
    expect(after).toEqual(before);
    expect(await graph.projection('verify')).toMatchObject({ result: { differences: [] } });
  });
});

/** Of answers: an upsert that came in meanwhile moves only these. */
function withoutTimes(answers: unknown): unknown {
  const times = new Set(['last', 'lastSeen', 'lastModifiedAt']);
  return JSON.parse(JSON.stringify(answers, (key, value: unknown) => (times.has(key) ? undefined : value)));
}
