import { randomUUID } from 'node:crypto';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { FIRST_MERGE_POLICY, type AttributeMerge } from '#catalog';
import { catalogStream, namingSecret } from '#core';
import { jobStream, ProjectionRunner } from '#projection';

import { openEmbeddedEngines, type EmbeddedEngines } from '../../../../test/support/embedded-engines.js';
import { appendItems, crm, SANDBOX } from '../../../../test/support/ingested.js';
import { PROFILES, type ProfileBody } from '../documents.js';
import { profileProjection } from './profile.projection.js';

const secret = namingSecret('5'.repeat(64));
const projection = profileProjection(secret);

describe('profiles under the default policy', () => {
  let engines: EmbeddedEngines;

  beforeEach(async () => {
    engines = await openEmbeddedEngines();
  });
  afterEach(() => engines.dispose());

  async function changeDefault(attributeMerge: AttributeMerge): Promise<void> {
    const data = { ...FIRST_MERGE_POLICY, version: 2, attributeMerge };
    const event = { id: randomUUID(), type: 'MergePolicyChanged', data: JSON.stringify(data) };
    await engines.log.append({
      common: { sandbox: SANDBOX, ingestedAt: 1 },
      writes: [{ stream: catalogStream(SANDBOX), expected: 'any', events: [event] }],
    });
  }

  /** By the id of their first member. */
  async function fold(pageSize: number): Promise<Record<string, Pick<ProfileBody, 'attributes' | 'policy'>>> {
    const { log, store } = engines;
    const version = { projection: 'profile', version: 3000 + pageSize };
    const runner = new ProjectionRunner({ log, store, projection, version, poison: 'stop', pageSize });
    await runner.open();
    await runner.run(new AbortController().signal, await log.head());
    const found = await store.reader(version).scan(PROFILES.name, { limit: 10 });
    const bodies = found.map(({ body }) => JSON.parse(body) as ProfileBody);
    return Object.fromEntries(
      bodies.map(({ members, attributes, policy }) => [
        members.map(({ id }) => id).join(),
        { attributes, ...(policy !== undefined && { policy }) },
      ]),
    );
  }

  it('are merged by the rule that stood where they last changed, and say so, however pages are cut', async () => {
    const { log } = engines;
    const record = (dataset: string, id: string, city: string) => ({ dataset, owner: crm(id), item: { city } });
    const visit = { dataset: 'web', owner: crm('visited'), item: { _id: 'e', timestamp: '2024-01-01T00:00:00Z' } };
    for (const id of ['left', 'visited', 'patched']) {
      await appendItems(log, secret, [record('loyalty', id, 'Oslo'), record('crm', id, 'Rome')]);
    }
    await changeDefault({ type: 'dataSetPrecedence', order: ['loyalty', 'crm'], granularity: 'fragment' });
    await appendItems(log, secret, [visit, record('crm', 'patched', 'Bonn'), record('crm', 'new', 'Kyiv')]);
    const profiles = await fold(100);
    expect(profiles).toEqual({
      left: { attributes: { city: 'Rome' } },
      visited: { attributes: { city: 'Oslo' }, policy: 1 },
      patched: { attributes: { city: 'Oslo' }, policy: 1 },
      new: { attributes: { city: 'Kyiv' }, policy: 1 },
    });
    for (const pageSize of [1, 2, 7]) expect(await fold(pageSize)).toEqual(profiles);
  });

  it('follow a changed rule range by range, when a job says so', async () => {
    const { log } = engines;
    for (const id of ['one', 'two', 'three']) {
      const item = (city: string, dataset: string) => ({ dataset, owner: crm(id), item: { city } });
      await appendItems(log, secret, [item('Oslo', 'loyalty'), item('Rome', 'crm')]);
    }
    await changeDefault({ type: 'dataSetPrecedence', order: ['loyalty'], granularity: 'fragment' });
    const stale = { attributes: { city: 'Rome' } };
    expect(await fold(100)).toEqual({ one: stale, two: stale, three: stale });
    const reevaluated = async (sandbox: string, keyPrefix: string) => {
      const event = { id: randomUUID(), type: 'ProfilesReevaluated', data: JSON.stringify({ sandbox, keyPrefix }) };
      await log.append({ common: {}, writes: [{ stream: jobStream('job00001'), expected: 'any', events: [event] }] });
    };
    await reevaluated('sbx00002', '');
    expect(await fold(2)).toEqual({ one: stale, two: stale, three: stale });
    const fresh = { attributes: { city: 'Oslo' }, policy: 1 };
    for (let first = 0; first < 256; first += 1) await reevaluated(SANDBOX, first.toString(16).padStart(2, '0'));
    for (const pageSize of [1, 100]) expect(await fold(pageSize)).toEqual({ one: fresh, two: fresh, three: fresh });
  });
});
