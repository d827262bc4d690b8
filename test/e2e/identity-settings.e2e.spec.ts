import { setTimeout as delay } from 'node:timers/promises';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { defineCrm, visit } from '../support/crm-catalog.js';
import { IdentityGraph, namesOf, type Named } from '../support/identity-graph.js';
import { killServices, startService, type Service } from '../support/service.js';

/** Profiles that a change of settings goes through; an even number. */
const PROFILES = process.env['TESSERA_TEST_DEEP'] === undefined ? 5_000 : 100_000;

let service: Service;
let graph: IdentityGraph;

beforeEach(async () => {
  service = await startService();
  graph = new IdentityGraph(() => service);
  await defineCrm(service);
});
afterEach(async () => {
  await service.stop();
  killServices();
});

const put = (body: unknown) => service.fetch('/v1/identity-settings', { method: 'PUT', body });
const login = (person: string, cookie: string, day: number) =>
  visit(`${person}-${cookie}-${day}`, `2024-01-0${day}T00:00:00Z`, cookie, { CRMID: [{ id: person }] });

describe('the identity settings', () => {
  it('are those that every sandbox begins with, then those that were put', async () => {
    const first = { unique: [], priority: [], maxIdentities: 50, blockedValues: [], version: 0 };
    expect((await service.fetch('/v1/identity-settings')).body).toEqual(first);
    const changed = await put({ unique: ['crmid'], priority: ['CRMID', 'email'], maxIdentities: 100 });
    expect(changed).toMatchObject({ status: 202, body: { job: expect.any(String) }, token: expect.any(String) });
    await graph.done((changed.body as { job: string }).job);
    const settings = {
      unique: ['CRMID'],
      priority: ['CRMID', 'Email'],
      maxIdentities: 100,
      blockedValues: [],
      version: 1,
      updatedAt: expect.stringMatching(/^\d{4}-/),
    };
    expect((await service.fetch('/v1/identity-settings', { token: changed.token })).body).toEqual(settings);
    const same = await put({ unique: ['CRMID'], priority: ['CRMID', 'Email'], maxIdentities: 100 });
    expect(same).toMatchObject({ status: 200, body: settings });
    expect(same.body).not.toHaveProperty('job');
  });

  it('are refused with the paths of what is wrong', async () => {
    const cases: readonly (readonly [body: unknown, paths: readonly string[]])[] = [
      [{ unique: ['NOPE'] }, ['unique[0]']],
      [{ priority: ['CRMID', 'SKU', 'crmid'] }, ['priority[1]', 'priority[2]']],
      [{ maxIdentities: 1 }, ['maxIdentities']],
      [{ maxIdentities: 1_001 }, ['maxIdentities']],
      [{ maxIdentities: 2.5 }, ['maxIdentities']],
      [{ blockedValues: Array.from({ length: 1_001 }, (_, i) => `v${i}`) }, ['blockedValues']],
      [{ unique: 'CRMID' }, ['unique']],
      [{ blockedValues: [1] }, ['blockedValues']],
      [{ unknown: true }, ['unknown']],
    ];
    for (const [body, paths] of cases) {
      const answer = await put(body);
      expect([body, answer.status]).toEqual([body, 400]);
      const { code, errors } = answer.body as { code: string; errors: readonly { path: string; message: string }[] };
      expect(code).toBe('INVALID_REQUEST');
      expect([...new Set(errors.map(({ path }) => path))]).toEqual(paths);
      for (const { message } of errors) expect(message).not.toBe('');
    }
    expect((await service.fetch('/v1/identity-settings')).body).toMatchObject({ version: 0 });
  });

  it('and blocks and jobs of one sandbox are nothing to another', async () => {
    await service.fetch('/v1/sandboxes/other', { method: 'PUT', body: { title: 'Other' } });
    await defineCrm(service, 'other');
    const other = new IdentityGraph(() => service, 'other');
    for (const one of [graph, other]) {
      await one.given('visits/events', [login('a', 'x', 1), login('b', 'x', 2), login('c', 'y', 1)]);
    }
    const before = await other.answersAbout(['CRMID:a', 'CRMID:b', 'CRMID:c', 'WEB:x', 'WEB:y']);
    const job = await graph.startSettings({ unique: ['CRMID'], blockedValues: ['c'] });
    await graph.done(job);
    await graph.block('CRMID:b', 'WEB:x');
    expect(await graph.clusters('CRMID:a', 'CRMID:b', 'CRMID:c')).toEqual([
      ['CRMID:a', 'WEB:x'],
      ['CRMID:b'],
      ['CRMID:c'],
    ]);
    expect((await other.fetch('/v1/identity-settings')).body).toMatchObject({ unique: [], version: 0 });
    expect(await other.answersAbout(['CRMID:a', 'CRMID:b', 'CRMID:c', 'WEB:x', 'WEB:y'])).toEqual(before);
    expect((await other.fetch(`/v1/jobs/${job}`)).status).toBe(404);
    expect(await other.unblock('CRMID:b', 'WEB:x')).toMatchObject({ status: 409, body: { code: 'LINK_NOT_BLOCKED' } });
  });
});

describe('a blocked value', () => {
  it('that is added later blocks the links that are there, and lets them be again when it is removed', async () => {
    await graph.given('crm/records', [
      { crmId: '1', email: 'info@shop.example', visits: 1 },
      { crmId: '2', email: 'info@shop.example', visits: 2 },
    ]);
    const people = ['CRMID:1', 'CRMID:2', 'Email:info@shop.example'];
    const joined = await graph.answersAbout(people);
    expect(await graph.cluster('CRMID:1')).toEqual(people);

    await graph.settings({ blockedValues: [' Info@Shop.Example'] });
    expect(await graph.clusters(...people)).toEqual(people.map((one) => [one]));
    expect((await graph.profile('CRMID:1')).body).toMatchObject({ attributes: { crmId: '1', visits: 1 } });
    expect((await graph.profile('CRMID:2')).body).toMatchObject({ attributes: { crmId: '2', visits: 2 } });
    expect(await graph.links('CRMID:1')).toMatchObject([
      { state: 'blocked', reason: 'Email has a value that is blocked' },
    ]);

    await graph.settings({});
    const again = await graph.answersAbout(people);
    expect(again).toEqual(joined);
    await graph.projection('rebuild');
    expect(await graph.answersAbout(people)).toEqual(again);
  });
});

describe(`settings changed while ${PROFILES.toLocaleString('en')} profiles exist`, () => {
  const PAIRS = PROFILES / 2;
  const pair = (i: number): readonly Named[] => [`CRMID:n${i}`, `CRMID:o${i}`, `Email:f${i}@example.org`];
  const together = (i: number) => [[...pair(i)].sort()];
  const apart = (i: number) => [[`CRMID:n${i}`, `Email:f${i}@example.org`], [`CRMID:o${i}`]];

  /** Two people share an address, the one with `n` since lately; everybody has a cookie as well. */
  async function givenPairs(): Promise<void> {
    const from = (day: number) => ({ extSourceSystemAudit: { lastUpdatedDate: `2024-01-0${day}T00:00:00Z` } });
    for (let start = 0; start < PAIRS; start += 500) {
      const items = Array.from({ length: Math.min(500, PAIRS - start) }, (_, k) => start + k).flatMap((i) => [
        { crmId: `o${i}`, email: `f${i}@example.org`, visits: i, ...from(1) },
        { crmId: `n${i}`, email: `f${i}@example.org`, tags: ['n'], ...from(2) },
      ]);
      await graph.given('crm/records', items);
    }
    const alone = Array.from({ length: PAIRS }, (_, i) => ({ crmId: `z${i}` }));
    for (let start = 0; start < PAIRS; start += 1_000)
      await graph.given('crm/records', alone.slice(start, start + 1_000));
    // A view that is far behind must come up before anybody may ask with a token.
    for (;;) {
      if ((await graph.profile(`CRMID:z${PAIRS - 1}`)).status === 200) return;
    }
  }

  /** What somebody's cluster is just now, without a token. */
  async function clusterNow(named: Named): Promise<readonly Named[]> {
    const { body } = await service.fetch(`/v1/profiles/${named.replace(':', '/')}/identities?limit=1`);
    return namesOf(body as Parameters<typeof namesOf>[0]);
  }

  interface Progress {
    readonly state: string;
    readonly progress?: { readonly done?: number; readonly ratio?: number };
  }
  const jobNow = async (job: string) => (await service.fetch(`/v1/jobs/${job}`)).body as Progress;

  it('progress is visible, and every answer meanwhile is the old or the new one', async () => {
    await givenPairs();
    const job = await graph.startSettings({ unique: ['CRMID'] });
    const ratios = new Set<number>();
    let wrong = 0;
    let answers = 0;
    for (let i = 7; ; i = (i * 31 + 11) % PAIRS) {
      const { state, progress } = await jobNow(job);
      if (progress?.ratio !== undefined) ratios.add(progress.ratio);
      for (const named of pair(i)) {
        const now = await clusterNow(named);
        answers += 1;
        if (![...together(i), ...apart(i)].some((one) => one.join() === now.join())) wrong += 1;
      }
      if (state === 'succeeded') break;
      expect(state).not.toBe('failed');
    }
    expect([wrong, answers > 30]).toEqual([0, true]);
    expect(ratios.size).toBeGreaterThan(0);
    for (const ratio of ratios) expect(ratio > 0 && ratio <= 1).toBe(true);
    for (let i = 0; i < PAIRS; i += Math.ceil(PAIRS / 50)) expect(await graph.clusters(...pair(i))).toEqual(apart(i));
    expect((await graph.profile('CRMID:o7')).body).toMatchObject({ attributes: { crmId: 'o7', visits: 7 } });
    expect(await graph.projection('verify')).toMatchObject({ result: { differences: [] } });
  }, 3_600_000);

  it('kill -9 in the middle: the job goes on, and a rebuild says the same', async () => {
    await givenPairs();
    const job = await graph.startSettings({ unique: ['CRMID'] });
    for (;;) {
      const { state, progress } = await jobNow(job);
      expect(['requested', 'running']).toContain(state);
      if ((progress?.done ?? 0) > 0) break;
      await delay(2);
    }
    await service.kill('SIGKILL');
    service = await service.restart();
    await graph.done(job);
    const some = Array.from({ length: 40 }, (_, k) => Math.floor((k * PAIRS) / 40));
    for (const i of some) expect(await graph.clusters(...pair(i))).toEqual(apart(i));
    const people = some.slice(0, 10).flatMap(pair);
    const before = await graph.answersAbout(people);
    await graph.projection('rebuild');
    expect(await graph.answersAbout(people)).toEqual(before);
    expect(await graph.projection('verify')).toMatchObject({ result: { differences: [] } });
  }, 3_600_000);
});
