import { randomUUID } from 'node:crypto';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import type { IdType } from '#catalog';
import { catalogStream, namingSecret, type Identity, type JsonObject } from '#core';
import { blockedValues, type GraphIdentity } from '#identity';
import { compareVersions, jobStream, ProjectionRunner } from '#projection';
import type { ProjectionVersion } from '#read-store';

import { openEmbeddedEngines, type EmbeddedEngines } from '../../../../test/support/embedded-engines.js';
import { naiveGraph } from '../../../../test/support/graph/naive-graph.js';
import { appendItems, crm, email, SANDBOX, type GivenItem } from '../../../../test/support/ingested.js';
import { propertyRuns, propertyTimeout } from '../../../../test/support/property-runs.js';
import { Crash, tearingStore, type Tear } from '../../../../test/support/tearing-store.js';
import { IDENTITIES, LINKS, PROFILES, type IdentityBody, type LinkBody, type ProfileBody } from '../documents.js';
import { profileProjection } from './profile.projection.js';
import { graphLink } from './stored-graph.js';

const secret = namingSecret('5'.repeat(64));
/** Few enough that a small log can have too many. */
const CANDIDATES = 3;
const projection = profileProjection(secret, { candidates: CANDIDATES });
const T0 = Date.parse('2026-01-01T00:00:00Z');

const ID_TYPES: Readonly<Record<string, IdType>> = {
  CRMID: 'CROSS_DEVICE',
  WEB: 'COOKIE',
  APP: 'DEVICE',
  Email: 'EMAIL',
};
const web = (id: string): Identity => ({ namespace: 'WEB', id });
const app = (id: string): Identity => ({ namespace: 'APP', id });

interface Settings {
  readonly unique: readonly string[];
  readonly priority: readonly string[];
  readonly maxIdentities: number;
  readonly blockedValues: readonly string[];
}

type Step =
  | { readonly item: GivenItem }
  | { readonly settings: Settings }
  | { readonly block: readonly [Identity, Identity]; readonly type: 'IdentityLinkBlocked' | 'IdentityLinkUnblocked' }
  | { readonly reevaluate: string };

const FIRST_SETTINGS: Settings = { unique: [], priority: [], maxIdentities: 50, blockedValues: [] };

describe('the graph in the profile projection', () => {
  let engines: EmbeddedEngines;
  let last = 0;

  beforeEach(async () => {
    engines = await openEmbeddedEngines();
  });
  afterEach(() => engines.dispose());

  async function startAnew(): Promise<void> {
    await engines.dispose();
    engines = await openEmbeddedEngines();
    for (const [code, idType] of Object.entries(ID_TYPES)) {
      if (code !== 'Email') await append(catalogStream(SANDBOX), 'NamespaceDefined', { code, idType });
    }
  }

  async function append(stream: string, type: string, data: object): Promise<void> {
    const event = { id: randomUUID(), type, data: JSON.stringify(data) };
    const common = { sandbox: SANDBOX, ingestedAt: T0 };
    await engines.log.append({ common, writes: [{ stream, expected: 'any', events: [event] }] });
  }

  /** Answers the settings that stand at the end. */
  async function given(steps: readonly Step[]): Promise<Settings> {
    let settings = FIRST_SETTINGS;
    let version = 0;
    for (const [i, step] of steps.entries()) {
      if ('item' in step) await appendItems(engines.log, secret, [{ ...step.item, ingestedAt: T0 + i }]);
      else if ('settings' in step) {
        settings = step.settings;
        version += 1;
        await append(catalogStream(SANDBOX), 'IdentitySettingsChanged', { ...settings, version });
      } else if ('block' in step) {
        const [a, b] = step.block;
        await append(catalogStream(SANDBOX), step.type, { a, b, reason: 'r', by: 'w' });
      } else {
        await append(jobStream('job00001'), 'ProfilesReevaluated', { sandbox: SANDBOX, keyPrefix: step.reevaluate });
      }
    }
    return settings;
  }

  async function fold(pageSizes: readonly number[], tears: readonly Tear[] = []): Promise<ProjectionVersion> {
    last += 1;
    const version = { projection: 'profile', version: last };
    const store = tearingStore(engines.store, tears);
    for (let life = 0; ; life += 1) {
      const pageSize = pageSizes[life % pageSizes.length] ?? 1;
      const { log } = engines;
      const runner = new ProjectionRunner({ log, store, projection, version, poison: 'stop', pageSize });
      try {
        await runner.open();
        await runner.run(new AbortController().signal, await log.head());
        return version;
      } catch (error) {
        if (!(error instanceof Crash)) throw error;
      }
    }
  }

  async function all<T>(version: ProjectionVersion, collection: string): Promise<ReadonlyMap<string, T>> {
    const found = await engines.store.reader(version).scan(collection, { limit: 1_000 });
    return new Map(found.map(({ key, body }) => [key, JSON.parse(body) as T]));
  }

  /** What the views hold and what they must hold, by the names of identities. */
  async function compared(version: ProjectionVersion, settings: Settings) {
    const stored = await all<IdentityBody>(version, IDENTITIES.name);
    const identities = [...stored].map(([ref, { namespace, id }]): GraphIdentity => ({
      ref,
      namespace,
      id,
      idType: ID_TYPES[namespace] ?? 'EMAIL',
    }));
    const bodies = await all<LinkBody>(version, LINKS.name);
    const links = [...bodies].flatMap(([key, body]) => graphLink(key, body) ?? []);
    const wanted = naiveGraph(
      identities,
      links.map(({ state: _state, ...link }) => link),
      {
        unique: new Set(settings.unique),
        priority: settings.priority,
        limit: settings.maxIdentities,
        blockedValues: blockedValues(settings.blockedValues),
        candidates: CANDIDATES,
      },
    );
    const name = (ref: string) => `${stored.get(ref)?.namespace ?? ''}:${stored.get(ref)?.id ?? ''}`;
    const named = (clusters: readonly (readonly string[])[]) =>
      clusters.map((members) => members.map(name).sort().join(' ')).sort();
    const profiles = [...(await all<ProfileBody>(version, PROFILES.name)).values()];
    return {
      held: {
        clusters: named(profiles.map(({ members }) => members.map(({ ref }) => ref))),
        states: new Map(links.map(({ key, state }) => [key, state])),
      },
      wanted: { clusters: named(wanted.clusters), states: wanted.states },
    };
  }

  it(
    'is what the three steps make of all links, wherever pages are cut, once everything was evaluated',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(anyStep, { minLength: 5, maxLength: 30 }),
          fc.integer({ min: 1, max: 9 }),
          async (steps, pageSize) => {
            await startAnew();
            const settings = await given([...steps, { reevaluate: '' }]);
            const { held, wanted } = await compared(await fold([pageSize]), settings);
            expect(held).toEqual(wanted);
          },
        ),
        { ...propertyRuns(150), examples: [[REVERTED_BESIDE_CANDIDATES, 1]] },
      );
    },
    propertyTimeout(900_000),
  );

  it(
    'gives the same documents wherever commits are torn and the process restarts',
    async () => {
      const anyTear: fc.Arbitrary<Tear> = fc.record({
        at: fc.nat(8),
        written: fc.integer({ min: 0, max: 100 }),
        shuffle: fc.nat(5),
      });
      await fc.assert(
        fc.asyncProperty(
          fc.array(anyStep, { minLength: 5, maxLength: 20 }),
          fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 4 }),
          fc.array(anyTear, { minLength: 1, maxLength: 4 }),
          async (steps, pageSizes, tears) => {
            await startAnew();
            await given([...steps, { reevaluate: '' }]);
            const [torn, whole] = [await fold(pageSizes, tears), await fold([1_000])];
            const reader = (version: ProjectionVersion) => engines.store.reader(version);
            const { differences } = await compareVersions(
              projection.collections,
              reader(torn),
              reader(whole),
              () => undefined,
            );
            expect(differences).toEqual([]);
          },
        ),
        { ...propertyRuns(60), examples: [TORN_REEVALUATION] },
      );
    },
    propertyTimeout(900_000),
  );

  it('splits what a blocked link had joined, and joins it again exactly', async () => {
    const together = (owner: Identity, other: Identity, _id: string, at: number): Step => ({
      item: event(owner, [other], _id, at),
    });
    const before: Step[] = [
      { item: { dataset: 'crm', owner: crm('1'), item: { city: 'Rome' } } },
      { item: { dataset: 'crm', owner: crm('2'), item: { city: 'Oslo', tier: 'gold' } } },
      together(crm('1'), email('a'), 'e1', 1),
      together(crm('2'), email('a'), 'e2', 2),
    ];
    const block = (type: 'IdentityLinkBlocked' | 'IdentityLinkUnblocked'): Step => ({
      block: [crm('2'), email('a')],
      type,
    });
    const views = async (steps: readonly Step[]) => {
      await startAnew();
      await given(steps);
      const profiles = [...(await all<ProfileBody>(await fold([3]), PROFILES.name)).values()];
      const plain = ({ members, attributes, events }: ProfileBody): JsonObject => ({
        members: members.map(({ namespace, id }) => `${namespace}:${id}`),
        attributes,
        events: Object.values(events).map((byDataset) => byDataset['orders']?.count ?? 0),
      });
      return profiles.map(plain).sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
    };
    const joined = await views(before);
    expect(joined).toEqual([
      { members: ['CRMID:1', 'CRMID:2', 'Email:a'], attributes: { city: 'Oslo', tier: 'gold' }, events: [1, 1] },
    ]);
    expect(await views([...before, block('IdentityLinkBlocked')])).toEqual([
      { members: ['CRMID:1', 'Email:a'], attributes: { city: 'Rome' }, events: [1] },
      { members: ['CRMID:2'], attributes: { city: 'Oslo', tier: 'gold' }, events: [1] },
    ]);
    expect(await views([...before, block('IdentityLinkBlocked'), block('IdentityLinkUnblocked')])).toEqual(joined);
  });
});

const together = (owner: Identity, others: readonly Identity[], id: string): Step => ({
  item: event(owner, others, id, 0),
});

/** Half of a re-evaluation was written: what the graph said of links did not fit to the profiles that were left. */
const TORN_REEVALUATION: [Step[], number[], Tear[]] = [
  [
    together(web('y'), [app('p')], 'e0'),
    together(crm('1'), [crm('3')], 'e0'),
    { item: { dataset: 'crm', owner: email('c'), others: [crm('1')], item: { city: 'Rome' } } },
    together(crm('1'), [app('p')], 'e1'),
    { settings: { unique: [], priority: [], maxIdentities: 2, blockedValues: [] } },
    together(crm('1'), [crm('2')], 'e2'),
  ],
  [1_000],
  [{ at: 2, written: 82, shuffle: 0 }],
];

/** A link that lost its last association stood in the index before one of the candidates, and hid it. */
const REVERTED_BESIDE_CANDIDATES: Step[] = [
  { item: { dataset: 'crm', owner: email('c'), others: [crm('1')], item: { city: 'Rome' } } },
  together(email('a'), [crm('2'), crm('1')], 'e0'),
  { block: [crm('1'), crm('3')], type: 'IdentityLinkBlocked' },
  { item: event(crm('3'), [crm('1')], 'e0', 0, 'b2') },
  { settings: { unique: [], priority: [], maxIdentities: 2, blockedValues: [] } },
  together(crm('1'), [], 'e0'),
  {
    item: {
      dataset: 'orders',
      owner: crm('3'),
      item: {},
      lifecycle: { type: 'BatchItemsReverted', batch: 'b2' },
    },
  },
];

function event(owner: Identity, others: readonly Identity[], _id: string, at: number, batch?: string): GivenItem {
  const item = { _id, timestamp: new Date(T0 + at).toISOString() };
  return { dataset: 'orders', owner, others, item, ...(batch !== undefined && { batch }) };
}

const people = fc.constantFrom(
  crm('1'),
  crm('2'),
  crm('3'),
  web('x'),
  web('y'),
  app('p'),
  email('a'),
  email('b'),
  email('c'),
);
const batch = fc.option(fc.constantFrom('b1', 'b2'), { nil: undefined });

const anyEvent = fc
  .record({
    owner: people,
    others: fc.uniqueArray(people, { minLength: 1, maxLength: 3 }),
    id: fc.nat(40),
    at: fc.nat(12),
    batch,
  })
  .map(({ owner, others, id, at, batch: file }): Step => ({
    item: event(
      owner,
      others.filter((one) => one !== owner),
      `e${String(id)}`,
      at,
      file,
    ),
  }));

const anyRecord = fc
  .record({ owner: people, others: fc.uniqueArray(people, { maxLength: 2 }), city: fc.constantFrom('Rome', 'Oslo') })
  .map(({ owner, others, city }): Step => ({
    item: { dataset: 'crm', owner, others: others.filter((one) => one !== owner), item: { city } },
  }));

const anyRevert = fc.record({ owner: people, file: fc.constantFrom('b1', 'b2') }).map(({ owner, file }): Step => ({
  item: { dataset: 'orders', owner, item: {}, lifecycle: { type: 'BatchItemsReverted', batch: file } },
}));

const anySettings = fc
  .record({
    unique: fc.subarray(['CRMID', 'Email']),
    priority: fc.shuffledSubarray(['CRMID', 'Email', 'WEB']),
    maxIdentities: fc.integer({ min: 2, max: 6 }),
    blockedValues: fc.subarray(['a', 'x']),
  })
  .map((settings): Step => ({ settings }));

const anyBlock = fc
  .record({
    pair: fc.uniqueArray(people, { minLength: 2, maxLength: 2 }),
    type: fc.constantFrom('IdentityLinkBlocked' as const, 'IdentityLinkUnblocked' as const),
  })
  .map(({ pair: [a, b], type }): Step => ({ block: [a as Identity, b as Identity], type }));

const anyReevaluation = fc
  .constantFrom('', ...Array.from({ length: 16 }, (_, i) => `${i.toString(16)}0`))
  .map((reevaluate): Step => ({ reevaluate }));

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: anyEvent },
  { weight: 2, arbitrary: anyRecord },
  { weight: 1, arbitrary: anyRevert },
  { weight: 1, arbitrary: anySettings },
  { weight: 2, arbitrary: anyBlock },
  { weight: 1, arbitrary: anyReevaluation },
);
