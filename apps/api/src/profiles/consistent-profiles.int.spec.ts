import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { emptyCatalog, FIRST_MERGE_POLICY, type MergePolicy } from '#catalog';
import { identityRef, isTesseraError, namingSecret, type JsonObject } from '#core';
import { ProjectionRunner } from '#projection';
import { FRAGMENTS, profileProjection } from '#read-models';
import type { DocumentReader } from '#read-store';

import { openEmbeddedEngines, type EmbeddedEngines } from '../../../../test/support/embedded-engines.js';
import { appendItems, crm, SANDBOX, type GivenItem } from '../../../../test/support/ingested.js';
import { mergedProfiles } from './merged-profiles.js';
import { SandboxView } from './sandbox-view.js';

const secret = namingSecret('5'.repeat(64));
const version = { projection: 'profile', version: 1000 };
const LOYALTY_FIRST: MergePolicy = {
  ...FIRST_MERGE_POLICY,
  id: 'loyalty-first',
  default: false,
  attributeMerge: { type: 'dataSetPrecedence', order: ['loyalty', 'crm'], granularity: 'fragment' },
};

describe('profiles with their fragments', () => {
  let engines: EmbeddedEngines;
  let runner: ProjectionRunner<unknown, unknown>;

  beforeEach(async () => {
    engines = await openEmbeddedEngines();
    const { log, store } = engines;
    runner = new ProjectionRunner({ log, store, projection: profileProjection(secret), version, poison: 'stop' });
    await runner.open();
    await fold({ dataset: 'crm', owner: crm('a'), item: { city: 'Rome', phone: '1' } });
    await fold({ dataset: 'loyalty', owner: crm('b'), item: { city: 'Oslo' } });
  });
  afterEach(() => engines.dispose());

  async function fold(...items: readonly GivenItem[]): Promise<void> {
    await appendItems(engines.log, secret, items);
    await runner.run(new AbortController().signal, await engines.log.head());
  }

  /** What is read under the policy when `meanwhile` happens each time before fragments are read. */
  async function readWhile(meanwhile: (time: number) => Promise<void>, isWhole = true) {
    const store = engines.store.reader(version);
    let times = 0;
    const reader: DocumentReader = {
      findByMember: (...of) => store.findByMember(...of),
      scanEach: (...of) => store.scanEach(...of),
      scan: (...of) => store.scan(...of),
      count: (...of) => store.count(...of),
      async get(collection, ...of) {
        if (collection === FRAGMENTS.name) await meanwhile((times += 1));
        return store.get(collection, ...of);
      },
    };
    const view = new SandboxView(emptyCatalog(SANDBOX), { reader, isWhole: () => Promise.resolve(isWhole) }, secret, 0);
    const [profile] = await mergedProfiles(view, [identityRef(secret, SANDBOX, crm('a'))], LOYALTY_FIRST);
    const body = profile?.body;
    return { times, members: body?.members.map(({ id }) => id), attributes: body?.attributes as JsonObject };
  }

  it('are read once when nothing happens meanwhile, or something to others', async () => {
    const before = { times: 1, members: ['a'], attributes: { city: 'Rome', phone: '1' } };
    expect(await readWhile(() => Promise.resolve())).toEqual(before);
    const other = { dataset: 'crm', owner: crm('c'), item: { city: 'Kyiv' } };
    expect(await readWhile(() => fold(other))).toEqual(before);
  });

  it('are read again when the cluster changed between them: all of it is as it was afterwards', async () => {
    const meanwhile = async (time: number) => {
      if (time > 1) return;
      await fold({ dataset: 'crm', owner: crm('a'), item: { phone: '2' } });
      const visit = { _id: 'v', timestamp: '2024-01-01T00:00:00Z' };
      await fold({ dataset: 'visits', owner: crm('a'), others: [crm('b')], item: visit });
    };
    expect(await readWhile(meanwhile)).toEqual({
      times: 2,
      members: ['a', 'b'],
      attributes: { city: 'Oslo', phone: '2' },
    });
  });

  const codeOf = async (read: Promise<unknown>): Promise<string> => {
    const error: unknown = await read.catch((thrown: unknown) => thrown);
    return isTesseraError(error) ? error.code : `not refused: ${JSON.stringify(error)}`;
  };

  it('are given up when the cluster changes each time', async () => {
    const change = (time: number) => fold({ dataset: 'crm', owner: crm('a'), item: { phone: String(time + 2) } });
    expect(await codeOf(readWhile(change))).toBe('PROFILE_CHANGING');
  });

  it('are not read while the commit that wrote the profile is half done', async () => {
    const never = () => Promise.reject(new Error('fragments were read'));
    expect(await codeOf(readWhile(never, false))).toBe('PROFILE_CHANGING');
  });
});
