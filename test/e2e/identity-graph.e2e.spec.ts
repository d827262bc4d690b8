import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { JsonObject } from '#core';

import { defineCrm, visit } from '../support/crm-catalog.js';
import { IdentityGraph } from '../support/identity-graph.js';
import { waitForJob } from '../support/jobs.js';
import { killServices, startService, type Service } from '../support/service.js';

/** The settings of the worked example in the rules of the graph. */
const SETTINGS = { unique: ['CRMID'], priority: ['CRMID', 'Email', 'WEB'] };

let service: Service;
const graph = new IdentityGraph(() => service);
/** Without settings of its own. */
const plain = new IdentityGraph(() => service, 'plain');

beforeAll(async () => {
  service = await startService();
  await service.fetch('/v1/sandboxes/plain', { method: 'PUT', body: { title: 'Without settings' } });
  await defineCrm(service);
  await defineCrm(service, 'plain');
  await graph.settings(SETTINGS);
});
afterAll(() => service.stop());
afterAll(killServices);

const at = (day: number) => `2024-01-${String(day).padStart(2, '0')}T00:00:00Z`;
/** Somebody logs in on a browser. */
const login = (person: string, cookie: string, day: number, id = `${person}-${cookie}-${day}`) =>
  visit(id, at(day), cookie, { CRMID: [{ id: person }] });
/** Nobody is logged in. */
const anonymous = (cookie: string, day: number) => visit(`${cookie}-${day}`, at(day), cookie);
const customer = (crmId: string, email: string, day: number, more: JsonObject = {}): JsonObject => ({
  crmId,
  email,
  ...more,
  extSourceSystemAudit: { lastUpdatedDate: at(day) },
});
const eventsOf = async (named: string) =>
  ((await graph.profile(named)).body as { events: { count: number } }).events.count;

describe('shared device: two people log in on one browser in turn', () => {
  it('the last login keeps the cookie, both keep their CRM id, anonymous events follow the cookie', async () => {
    await graph.given('visits/events', [login('a', 'x', 1), anonymous('x', 1)]);
    expect(await graph.cluster('CRMID:a')).toEqual(['CRMID:a', 'WEB:x']);
    expect(await eventsOf('CRMID:a')).toBe(2);

    await graph.given('visits/events', [login('b', 'x', 2)]);
    expect(await graph.clusters('CRMID:a', 'CRMID:b', 'WEB:x')).toEqual([['CRMID:a'], ['CRMID:b', 'WEB:x']]);
    expect([await eventsOf('CRMID:a'), await eventsOf('CRMID:b')]).toEqual([1, 2]);
    expect(await graph.links('CRMID:a')).toMatchObject([
      { ends: ['CRMID:a', 'WEB:x'], state: 'excluded', reason: 'would join two identities of CRMID, which is unique' },
    ]);

    await graph.given('visits/events', [login('a', 'x', 3)]);
    expect(await graph.clusters('CRMID:a', 'CRMID:b', 'WEB:x')).toEqual([['CRMID:a', 'WEB:x'], ['CRMID:b']]);
    expect([await eventsOf('CRMID:a'), await eventsOf('CRMID:b')]).toEqual([3, 1]);
  });
});

describe('late items that arrive out of order', () => {
  it('give the same clusters in each order', async () => {
    const orders = [
      [1, 2, 3],
      [1, 3, 2],
      [2, 1, 3],
      [2, 3, 1],
      [3, 1, 2],
      [3, 2, 1],
    ];
    for (const [index, order] of orders.entries()) {
      const [a, b, x] = [`late-a${index}`, `late-b${index}`, `late-x${index}`];
      for (const day of order) await graph.given('visits/events', [login(day === 2 ? b : a, x, day)]);
      expect(await graph.clusters(`CRMID:${a}`, `CRMID:${b}`, `WEB:${x}`)).toEqual([
        [`CRMID:${a}`, `WEB:${x}`],
        [`CRMID:${b}`],
      ]);
    }
  });

  it('move nothing that a newer item has decided', async () => {
    await graph.given('visits/events', [login('late-c', 'late-y', 5)]);
    await graph.given('visits/events', [login('late-d', 'late-y', 4)]);
    expect(await graph.clusters('CRMID:late-c', 'CRMID:late-d')).toEqual([
      ['CRMID:late-c', 'WEB:late-y'],
      ['CRMID:late-d'],
    ]);
  });
});

describe('shared family e-mail with CRMID unique', () => {
  it('joins nobody: the newest of the family has the address', async () => {
    await graph.given('crm/records', [
      customer('mother', 'family@example.org', 1, { name: { first: 'Mo' } }),
      customer('father', 'family@example.org', 2, { name: { first: 'Fa' } }),
      customer('child', 'family@example.org', 3, { name: { first: 'Ch' } }),
    ]);
    expect(await graph.clusters('CRMID:mother', 'CRMID:father', 'CRMID:child')).toEqual([
      ['CRMID:child', 'Email:family@example.org'],
      ['CRMID:father'],
      ['CRMID:mother'],
    ]);
    for (const [id, first] of [
      ['mother', 'Mo'],
      ['father', 'Fa'],
      ['child', 'Ch'],
    ]) {
      expect((await graph.profile(`CRMID:${id}`)).body).toMatchObject({ attributes: { crmId: id, name: { first } } });
    }
    expect((await graph.profile('Email:Family@Example.org')).body).toMatchObject({ attributes: { crmId: 'child' } });
  });
});

describe('an identifier that changes its owner', () => {
  it('goes along with the newest association, and comes back with a newer one', async () => {
    await graph.given('crm/records', [
      customer('old', 'moves@example.org', 1),
      customer('new', 'moves@example.org', 2),
    ]);
    await graph.given('crm/records', [customer('old', 'other@example.org', 3)]);
    expect(await graph.clusters('CRMID:old', 'CRMID:new')).toEqual([
      ['CRMID:new', 'Email:moves@example.org'],
      ['CRMID:old', 'Email:other@example.org'],
    ]);
    expect((await graph.profile('Email:moves@example.org')).body).toMatchObject({ attributes: { crmId: 'new' } });

    await graph.given('crm/records', [customer('old', 'moves@example.org', 4)]);
    expect(await graph.clusters('CRMID:old', 'CRMID:new')).toEqual([
      ['CRMID:new'],
      ['CRMID:old', 'Email:moves@example.org', 'Email:other@example.org'],
    ]);
  });
});

describe('a test address used by 1,000 people', () => {
  const people = Array.from({ length: 1_000 }, (_, i) => `t${String(i).padStart(3, '0')}`);
  const using = (address: string) => people.map((id, i) => customer(id, address, 1 + (i % 28), { visits: i }));

  it('glues nobody together where CRMID is unique', async () => {
    await graph.given('crm/records', using('test@example.org'));
    const holder = await graph.cluster('Email:test@example.org');
    expect(holder).toHaveLength(2);
    for (const id of ['t000', 't500', 't999']) {
      expect((await graph.profile(`CRMID:${id}`)).body).toMatchObject({ attributes: { visits: Number(id.slice(1)) } });
      expect((await graph.cluster(`CRMID:${id}`)).filter((one) => one.startsWith('CRMID'))).toHaveLength(1);
    }
  });

  it('glues no more than the limit together elsewhere, and nobody any more once it is blocked', async () => {
    await plain.given('crm/records', using('test@example.org'));
    const glued = await plain.cluster('Email:test@example.org');
    expect(glued).toHaveLength(50);
    const states = new Map<string, number>();
    for (const { state, reason = '' } of await plain.links('Email:test@example.org')) {
      const why = `${state} ${reason.split(':')[0]}`.trim();
      states.set(why, (states.get(why) ?? 0) + 1);
    }
    expect(Object.fromEntries(states)).toEqual({ active: 49, 'evicted limit': 151, 'evicted candidates': 800 });

    await plain.settings({ blockedValues: ['TEST@example.org'] });
    expect(await plain.cluster('Email:test@example.org')).toEqual(['Email:test@example.org']);
    const links = await plain.links('Email:test@example.org');
    expect(links).toHaveLength(1_000);
    expect(new Set(links.map(({ state, reason }) => `${state}: ${reason}`))).toEqual(
      new Set(['blocked: Email has a value that is blocked']),
    );
    for (const named of glued.filter((one) => one.startsWith('CRMID'))) {
      expect(await plain.cluster(named)).toEqual([named]);
    }
    const { body } = await plain.fetch('/v1/datasets/crm/records', {
      body: [customer('t-next', 'test@example.org', 9)],
    });
    expect(body).toMatchObject({ accepted: 1, results: [{ status: 'accepted', code: 'IDENTITY_BLOCKED' }] });

    await plain.settings({});
    expect(await plain.cluster('Email:test@example.org')).toEqual(glued);
  });
});

describe('two fragments upserted at the same instant by two requests', () => {
  it('are both in one profile, and their link rests on both', async () => {
    const rounds = Array.from({ length: 20 }, (_, i) => `same-${i}`);
    await Promise.all(
      rounds.flatMap((crmId, visits) => [
        graph.given('crm/upserts', [{ crmId, email: `${crmId}@example.org`, visits }]),
        graph.given('loyalty/upserts', [{ crmId, email: `${crmId}@example.org`, tags: ['gold'] }]),
      ]),
    );
    for (const [visits, crmId] of rounds.entries()) {
      const { body } = await graph.profile(`Email:${crmId}@example.org`);
      expect(body).toMatchObject({ attributes: { crmId, visits, tags: ['gold'] }, sources: ['crm', 'loyalty'] });
      expect(await graph.links(`CRMID:${crmId}`)).toMatchObject([{ state: 'active', datasets: ['crm', 'loyalty'] }]);
    }
  });
});

describe('the 51st identity', () => {
  it('makes the oldest cookie leave, with its own events; what is left is a profile of 50', async () => {
    const cookies = Array.from({ length: 50 }, (_, i) => `m${String(i).padStart(2, '0')}`);
    const minute = (i: number) => `2024-02-01T00:${String(i).padStart(2, '0')}:00Z`;
    const logins = cookies.map((cookie, i) => visit(`l-${cookie}`, minute(i), cookie, { CRMID: [{ id: 'many' }] }));
    await graph.given('visits/events', [anonymous('m00', 1), ...logins.slice(0, 49)]);
    expect(await graph.cluster('CRMID:many')).toHaveLength(50);
    expect(await eventsOf('CRMID:many')).toBe(50);

    await graph.given('visits/events', logins.slice(49));
    const members = await graph.cluster('CRMID:many');
    expect(members).toEqual(['CRMID:many', ...cookies.slice(1).map((cookie) => `WEB:${cookie}`)]);
    expect(await graph.cluster('WEB:m00')).toEqual(['WEB:m00']);
    // All logins are those of the person: CRMID comes first in the priorities.
    expect([await eventsOf('CRMID:many'), await eventsOf('WEB:m00')]).toEqual([50, 1]);
    expect(await graph.links('WEB:m00')).toMatchObject([
      { state: 'evicted', reason: 'limit: one of the two left a profile with too many identities' },
    ]);
  });
});

describe('events', () => {
  it('are owned by the namespace that comes first in the priorities, whatever calls itself primary', async () => {
    await graph.given('visits/events', [login('owner', 'owned', 1), anonymous('owned', 2)]);
    await plain.given('visits/events', [login('owner', 'owned', 1), anonymous('owned', 2)]);
    await graph.block('CRMID:owner', 'WEB:owned');
    await plain.block('CRMID:owner', 'WEB:owned');
    expect([await eventsOf('CRMID:owner'), await eventsOf('WEB:owned')]).toEqual([1, 1]);
    expect((await plain.profile('CRMID:owner')).status).toBe(404);
    expect((await plain.profile('WEB:owned')).body).toMatchObject({ events: { count: 2 } });
  });
});

describe('a policy that names a dataset that was deleted', () => {
  it('goes by the others, and nothing returns with a new dataset of the same id', async () => {
    await service.fetch('/v1/datasets/gone', { method: 'PUT', body: { schema: 'crm' } });
    await service.fetch('/v1/datasets/gone/enable', { body: {} });
    await graph.given('gone/records', [{ crmId: 'policy', visits: 9, tags: ['gone'] }]);
    await graph.given('crm/records', [{ crmId: 'policy', visits: 1 }]);
    const attributeMerge = { type: 'dataSetPrecedence', order: ['gone', 'crm'] };
    await graph.fetch('/v1/merge-policies/gone-first', { method: 'PUT', body: { attributeMerge } });
    const asked = () => graph.profile('CRMID:policy', '?mergePolicy=gone-first');
    expect((await asked()).body).toMatchObject({ attributes: { visits: 9, tags: ['gone'] } });

    const { body } = await graph.fetch('/v1/datasets/gone', { method: 'DELETE' });
    expect(await waitForJob(service, (body as { job: string }).job)).toMatchObject({ state: 'succeeded' });
    expect(await asked()).toMatchObject({ status: 200, body: { attributes: { crmId: 'policy', visits: 1 } } });
    expect((await asked()).body).not.toHaveProperty('attributes.tags');

    await service.fetch('/v1/datasets/gone', { method: 'PUT', body: { schema: 'crm' } });
    expect((await asked()).body).toMatchObject({ attributes: { visits: 1 } });
  });
});

describe('all of it again after a rebuild', () => {
  it('is identical', async () => {
    expect(graph.asked.length).toBeGreaterThan(60);
    const before = [await graph.answersAbout(graph.asked), await plain.answersAbout(plain.asked)];
    expect(await graph.projection('rebuild')).toMatchObject({ state: 'succeeded' });
    const after = [await graph.answersAbout(graph.asked), await plain.answersAbout(plain.asked)];
    expect(after).toEqual(before);
    expect(await graph.projection('verify')).toMatchObject({ result: { differences: [] } });
  });
});
