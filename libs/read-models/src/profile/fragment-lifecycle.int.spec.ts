import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { identityRef, namingSecret, type Identity, type IdentityRef, type JsonObject } from '#core';
import { joinClusters } from '#identity';
import { FIRST_MERGE_POLICY } from '#catalog';
import { changeFragment, mergeFragments, type RecordFragment } from '#profile';
import { compareVersions, ProjectionRunner } from '#projection';
import type { DocumentReader, ProjectionVersion, ReadStore } from '#read-store';

import { openEmbeddedEngines, type EmbeddedEngines } from '../../../../test/support/embedded-engines.js';
import { appendItems, crm, email, SANDBOX, type GivenItem } from '../../../../test/support/ingested.js';
import { propertyRuns, propertyTimeout } from '../../../../test/support/property-runs.js';
import { Crash, tearingStore, type Tear } from '../../../../test/support/tearing-store.js';
import { TORN_COMMITS } from '../../../../test/support/torn-commits.js';
import {
  DATASET_COUNTS,
  datasetCountsKey,
  HIDDEN,
  IDENTITIES,
  LINKS,
  PROFILE_PROJECTION,
  PROFILES,
  TIMELINE,
  timelineOwner,
  type DatasetCountsBody,
  type IdentityBody,
  type ProfileBody,
} from '../documents.js';
import { profileProjection } from './profile.projection.js';

const secret = namingSecret('5'.repeat(64));
const projection = profileProjection(secret);
const T0 = Date.parse('2026-01-01T00:00:00Z');

const DELETED = { lifecycle: { type: 'FragmentDeleted' }, item: {} } as const;
const BACKFILLED = { lifecycle: { type: 'FragmentBackfilled' }, item: {} } as const;
const reverted = (batch: string) => ({ lifecycle: { type: 'BatchItemsReverted', batch }, item: {} }) as const;
const CRM = { dataset: 'crm', owner: crm('7') } as const;
const ORDERS = { dataset: 'orders', owner: crm('7') } as const;

const order = (id: string, at = T0): JsonObject => ({ _id: id, timestamp: new Date(at).toISOString() });

describe('the life of a fragment in the profile projection', () => {
  let engines: EmbeddedEngines;
  let versions = 2_000;
  let version: ProjectionVersion;

  beforeEach(async () => {
    engines = await openEmbeddedEngines();
    version = freshVersion();
  });

  afterEach(() => engines.dispose());

  function freshVersion(): ProjectionVersion {
    return { projection: PROFILE_PROJECTION, version: (versions += 1) };
  }

  /** Each run of a property has a log of its own: what fails can then be made smaller. */
  async function startAnew(): Promise<void> {
    await engines.dispose();
    engines = await openEmbeddedEngines();
  }

  async function given(...items: readonly GivenItem[]): Promise<void> {
    await appendItems(engines.log, secret, items);
  }

  async function fold(pageSize = 100, target = version, store: ReadStore = engines.store): Promise<DocumentReader> {
    const { log } = engines;
    const runner = new ProjectionRunner({ log, store, projection, version: target, poison: 'stop', pageSize });
    await runner.open();
    await runner.run(new AbortController().signal, await log.head());
    return store.reader(target);
  }

  const ref = (identity: Identity): string => identityRef(secret, SANDBOX, identity);

  async function profileOf(identity: Identity): Promise<(ProfileBody & { exists: boolean }) | undefined> {
    const reader = engines.store.reader(version);
    const [found] = await reader.findByMember(PROFILES.name, 'by_member', [ref(identity)]);
    const [document] = found ?? [];
    return document && { ...(JSON.parse(document.body) as ProfileBody), exists: document.columns['exists'] === 1 };
  }

  async function counts(dataset: string): Promise<DatasetCountsBody> {
    const [found] = await engines.store.reader(version).get(DATASET_COUNTS.name, [datasetCountsKey(SANDBOX, dataset)]);
    return JSON.parse(found?.body ?? '{}') as DatasetCountsBody;
  }

  async function eventIds(owner: Identity): Promise<readonly string[]> {
    const equals = [timelineOwner(ref(owner))];
    const found = await engines.store.reader(version).scan(TIMELINE.name, { index: 'by_owner', equals, limit: 100 });
    return found.map(({ body }) => (JSON.parse(body) as { _id: string })._id).sort();
  }

  describe.each([1, 100])('in pages of %d', (pageSize) => {
    it('ends with a delete and starts anew afterwards, ids and all', async () => {
      const record = { ...CRM, item: { city: 'Rome' }, messageId: 'm', ingestedAt: 10 };
      const event = { ...ORDERS, item: order('a'), others: [email('o@x')] };
      await given(record, event, { ...CRM, ...DELETED, ingestedAt: 20 }, { ...ORDERS, ...DELETED, ingestedAt: 30 });
      await fold(pageSize);
      expect(await profileOf(crm('7'))).toMatchObject({
        exists: false,
        attributes: {},
        records: {},
        events: {},
        lastModifiedAt: 1_000,
      });
      expect(await eventIds(crm('7'))).toEqual([]);
      expect((await profileOf(email('o@x')))?.members).toHaveLength(2);
      expect(await counts('crm')).toMatchObject({ recordFragments: 0, duplicates: 0 });
      expect(await counts('orders')).toMatchObject({ events: 0, duplicates: 0 });
      await given(record, record, event, event);
      await fold(pageSize);
      expect(await profileOf(crm('7'))).toMatchObject({ exists: true, attributes: { city: 'Rome' } });
      expect(await eventIds(crm('7'))).toEqual(['a']);
      expect(await counts('crm')).toMatchObject({ recordFragments: 1, duplicates: 1 });
      expect(await counts('orders')).toMatchObject({ events: 1, duplicates: 1 });
    });

    it('loses the events of a reverted batch, their associations and their ids; the others stay', async () => {
      const first = { ...ORDERS, batch: 'b1', others: [email('o@x')] };
      await given(
        { ...first, item: order('a', T0 + 9) },
        { ...ORDERS, batch: 'b2', item: order('b', T0 + 1), others: [email('p@x')] },
        { ...first, batch: 'b2', item: order('a', T0 + 9) },
        { ...ORDERS, item: order('c', T0 + 2) },
        { ...ORDERS, ...reverted('b1') },
      );
      const reader = await fold(pageSize);
      expect(await eventIds(crm('7'))).toEqual(['b', 'c']);
      expect((await profileOf(crm('7')))?.events).toEqual({ [ref(crm('7'))]: { orders: { count: 2, last: T0 + 2 } } });
      expect((await profileOf(crm('7')))?.members.map(({ id }) => id)).toEqual(['7', 'p@x']);
      expect(await profileOf(email('o@x'))).toMatchObject({ exists: false, members: [{ id: 'o@x' }] });
      expect(await reader.count(LINKS.name)).toBe(1);
      const [identity] = await reader.get(IDENTITIES.name, [ref(crm('7'))]);
      expect((JSON.parse(identity?.body ?? '') as IdentityBody).links).toBe(1);
      await given({ ...ORDERS, batch: 'b3', item: order('a', T0 + 7), others: [email('o@x')] });
      await fold(pageSize);
      expect(await eventIds(crm('7'))).toEqual(['a', 'b', 'c']);
      expect((await profileOf(email('o@x')))?.members).toHaveLength(3);
      expect(await counts('orders')).toMatchObject({ events: 3, duplicates: 1 });
    });

    it('keeps a link that something else than the reverted batch made, too', async () => {
      const both = { others: [email('o@x')] };
      await given(
        { ...ORDERS, ...both, batch: 'b1', item: order('a', T0 + 5) },
        { ...ORDERS, ...both, item: order('b', T0 + 1) },
        { ...ORDERS, ...reverted('b1') },
      );
      const reader = await fold(pageSize);
      const [link] = await reader.scan(LINKS.name, { limit: 2 });
      expect(link?.columns['last']).toBe(T0 + 1);
      expect((await profileOf(email('o@x')))?.members).toHaveLength(2);
    });

    it('shows after a backfill what it would show, had it been enabled from the start', async () => {
      await given(
        { ...CRM, item: { city: 'Rome' }, others: [email('o@x')], shown: false, ingestedAt: 10 },
        { ...ORDERS, item: order('a', T0 + 5), shown: false, ingestedAt: 20 },
        { ...CRM, item: { tier: 'gold' }, patch: { append: [], unset: [] }, ingestedAt: 30 },
        { ...ORDERS, item: order('a', T0 + 6), ingestedAt: 40 },
        { ...CRM, ...BACKFILLED, ingestedAt: 50 },
        { ...ORDERS, ...BACKFILLED, ingestedAt: 60 },
      );
      const reader = await fold(pageSize);
      expect(await reader.count(HIDDEN.name)).toBe(0);
      expect(await profileOf(email('o@x'))).toMatchObject({
        attributes: { city: 'Rome', tier: 'gold' },
        events: { [ref(crm('7'))]: { orders: { count: 1, last: T0 + 5 } } },
        members: [
          { id: '7', firstSeen: 10 },
          { id: 'o@x', firstSeen: 10 },
        ],
        lastModifiedAt: 60,
      });
    });

    it('ends with everything that it holds, also when its dataset was made anew as one of another class', async () => {
      const owner = { dataset: 'loyalty', owner: crm('7') } as const;
      const event = { ...owner, item: order('a') };
      await given({ ...owner, item: { tier: 'gold' } }, event, { ...owner, ...DELETED }, event);
      await fold(pageSize);
      expect(await eventIds(crm('7'))).toEqual(['a']);
      expect(await profileOf(crm('7'))).toMatchObject({ exists: true, attributes: {}, records: {} });
      expect(await counts('loyalty')).toMatchObject({ recordFragments: 0, events: 1, duplicates: 0 });
    });

    it('takes no item that is not newer where it comes from, also across a delete', async () => {
      const at = (sourceTime: number, city: string, over: Partial<GivenItem> = {}): GivenItem => ({
        ...CRM,
        item: { city },
        ordering: 'source',
        sourceTime,
        ...over,
      });
      await given(at(5, 'Rome'), at(5, 'Oslo'), at(4, 'Bern', { others: [email('o@x')] }));
      await fold(pageSize);
      expect((await profileOf(email('o@x')))?.attributes).toEqual({ city: 'Rome' });
      expect(await counts('crm')).toMatchObject({ recordFragments: 1, stale: 2 });
      await given({ ...CRM, ...DELETED }, at(5, 'Rome'));
      await fold(pageSize);
      expect(await profileOf(crm('7'))).toMatchObject({ exists: false, records: {} });
      await given(at(6, 'Kyiv'));
      await fold(pageSize);
      expect(await profileOf(crm('7'))).toMatchObject({ exists: true, attributes: { city: 'Kyiv' } });
      expect(await counts('crm')).toMatchObject({ recordFragments: 1, stale: 3 });
    });
  });

  it('is without effect on a fragment that is not there', async () => {
    await given({ ...CRM, ...DELETED }, { ...ORDERS, ...reverted('b') }, { ...ORDERS, ...BACKFILLED });
    const reader = await fold();
    expect(await profileOf(crm('7'))).toBeUndefined();
    expect(await reader.count(IDENTITIES.name)).toBe(0);
  });

  it('keeps a patch that would let the fragment outgrow its limit without effect', async () => {
    const notes = 'x'.repeat(600_000);
    const patch = { append: [], unset: [] };
    await given({ ...CRM, item: { a: notes }, patch }, { ...CRM, item: { b: notes }, patch });
    await fold();
    expect(Object.keys((await profileOf(crm('7')))?.attributes ?? {})).toEqual(['a']);
    expect(await counts('crm')).toMatchObject({ oversized: 1 });
  });

  it(
    'gives what a plain evaluation of the log gives, however pages are cut',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(anyItem, { maxLength: 25 }),
          fc.integer({ min: 1, max: 7 }),
          async (items, pageSize) => {
            await startAnew();
            const log = items.map((item, i) => ({ ...item, ingestedAt: T0 + i }));
            await given(...log);
            version = freshVersion();
            await fold(pageSize);
            for (const { members, attributes, events, exists } of evaluate(log)) {
              for (const member of members) {
                const profile = await profileOf(parse(member));
                const timeline = await Promise.all(profile?.members.map((one) => eventIds(one)) ?? []);
                const statistics = Object.values(profile?.events ?? {}).flatMap((one) => Object.values(one));
                expect({
                  members: profile?.members.map(print).sort(),
                  attributes: profile?.attributes,
                  events: timeline.flat().sort(),
                  count: statistics.reduce((sum, { count }) => sum + count, 0),
                  exists: profile?.exists,
                }).toEqual({ members, attributes, events, count: events.length, exists });
              }
            }
          },
        ),
        propertyRuns(100),
      );
    },
    propertyTimeout(120_000),
  );

  it(
    'gives the same documents wherever pages are cut, commits are torn and the process restarts',
    async () => {
      const anyTear: fc.Arbitrary<Tear> = fc.record({
        at: fc.nat(6),
        written: fc.integer({ min: 0, max: 100 }),
        shuffle: fc.nat(5),
      });
      await fc.assert(
        fc.asyncProperty(
          fc.array(anyItem, { minLength: 4, maxLength: 14 }),
          fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 4 }),
          fc.array(anyTear, { maxLength: 4 }),
          async (items, pageSizes, tears) => {
            await startAnew();
            const log = items.map((item, i) => ({ ...item, ingestedAt: T0 + i }));
            await given(...log);
            const torn = freshVersion();
            const store = tearingStore(engines.store, tears);
            for (let life = 0; ; life += 1) {
              try {
                await fold(pageSizes[life % pageSizes.length], torn, store);
                break;
              } catch (error) {
                if (!(error instanceof Crash)) throw error;
              }
            }
            const whole = freshVersion();
            await fold(1_000, whole);
            const comparison = await compareVersions(
              projection.collections,
              engines.store.reader(torn),
              engines.store.reader(whole),
              () => undefined,
            );
            expect(comparison.differences).toEqual([]);
          },
        ),
        { ...propertyRuns(100), examples: TORN_COMMITS },
      );
    },
    propertyTimeout(600_000),
  );
});

const print = ({ namespace, id }: Identity): string => `${namespace}:${id}`;
const parse = (text: string): Identity => ({ namespace: text.split(':')[0] ?? '', id: text.split(':')[1] ?? '' });

/** Few, so that most of a log happens to the same fragments. */
const people = fc.oneof(
  { weight: 3, arbitrary: fc.constant(crm('1')) },
  { weight: 1, arbitrary: fc.constant(email('a')) },
);
const others = fc.oneof(
  { weight: 2, arbitrary: fc.constant([]) },
  { weight: 1, arbitrary: fc.constantFrom([crm('2')], [email('a')], [crm('1'), email('a')]) },
);
const attributes = fc.dictionary(fc.constantFrom('city', 'tier'), fc.constantFrom('1', '2'));
const shown = fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) });
const batch = fc.constantFrom('b1', 'b2');

const anyRecord: fc.Arbitrary<GivenItem> = fc
  .record({
    owner: people,
    others,
    item: attributes,
    messageId: fc.option(fc.constantFrom('x', 'y'), { nil: undefined }),
    shown,
    unset: fc.option(fc.subarray(['city', 'tier']), { nil: undefined }),
    sourceTime: fc.integer({ min: 1, max: 5 }),
    dataset: fc.constantFrom('crm', 'sourced'),
  })
  .map(({ unset, dataset, sourceTime, messageId, ...rest }) => ({
    ...rest,
    dataset,
    ...(messageId !== undefined && { messageId }),
    ...(unset !== undefined && { patch: { append: [], unset: unset.map((key) => [key]) } }),
    ...(dataset === 'sourced' && { ordering: 'source' as const, sourceTime }),
  }));

const anyEvent: fc.Arbitrary<GivenItem> = fc
  .record({
    owner: people,
    others,
    // One was made anew, of another class.
    dataset: fc.constantFrom('orders', 'orders', 'crm'),
    id: fc.constantFrom('e', 'f'),
    at: fc.nat(2),
    batch: fc.option(batch),
    shown,
  })
  .map(({ id, at, batch: from, ...rest }) => ({
    ...rest,
    item: order(id, T0 + at),
    ...(from !== null && rest.dataset === 'orders' && { batch: from }),
  }));

const anyLifecycle: fc.Arbitrary<GivenItem> = fc
  .record({
    owner: people,
    dataset: fc.constantFrom('crm', 'sourced', 'orders', 'orders'),
    what: fc.constantFrom(DELETED, BACKFILLED),
    batch: fc.option(batch),
  })
  .map(({ what, batch: from, dataset, owner }) => ({
    owner,
    dataset,
    ...(dataset === 'orders' && from !== null ? reverted(from) : what),
  }));

const anyItem = fc
  .oneof(
    { weight: 3, arbitrary: anyRecord },
    { weight: 3, arbitrary: anyEvent },
    { weight: 3, arbitrary: anyLifecycle },
  )
  .map((item) => ({ ...item, others: (item.others ?? []).filter((one) => print(one) !== print(item.owner)) }));

interface Evaluated {
  readonly members: readonly string[];
  readonly attributes: JsonObject;
  /** Ids. */
  readonly events: readonly string[];
  readonly exists: boolean;
}

interface PlainFragment {
  record: RecordFragment | undefined;
  readonly applied: Set<string>;
  readonly timeline: Map<string, PlainEvent>;
  hidden: PlainEvent[];
}

interface PlainEvent {
  readonly item: GivenItem;
  readonly order: number;
}

/** What `semantics.md` says of a log, worked out event by event in plain maps: no pages, no documents, no guards. */
function evaluate(log: readonly GivenItem[]): readonly Evaluated[] {
  const fragments = new Map<string, PlainFragment>();
  const known = new Set<string>();
  let links: { readonly pair: readonly string[]; readonly batch: string | undefined }[] = [];
  const named = (item: GivenItem): string[] => [item.owner, ...(item.others ?? [])].map(print);
  const associate = (item: GivenItem): void => {
    const names = named(item);
    for (const name of names) known.add(name);
    const from = isEvent(item) ? item.batch : undefined;
    names.forEach((a, i) => names.slice(i + 1).forEach((b) => links.push({ pair: [a, b], batch: from })));
  };
  log.forEach((item, index) => {
    const name = `${item.dataset} ${print(item.owner)}`;
    const fragment: PlainFragment = fragments.get(name) ?? {
      record: undefined,
      applied: new Set(),
      timeline: new Map(),
      hidden: [],
    };
    fragments.set(name, fragment);
    const { lifecycle } = item;
    if (lifecycle?.type === 'FragmentDeleted') {
      const sourceTime = fragment.record?.sourceTime;
      fragment.record = sourceTime === undefined ? undefined : { sourceTime, revision: 0 };
      fragment.applied.clear();
      fragment.timeline.clear();
      fragment.hidden = [];
    } else if (lifecycle?.type === 'BatchItemsReverted') {
      const isOurs = (one: PlainEvent) => isEvent(one.item) && one.item.batch === lifecycle.batch;
      for (const [id, event] of [...fragment.timeline].filter(([, one]) => isOurs(one))) {
        fragment.timeline.delete(id);
        const pairs = pairsOf(named(event.item));
        links = links.filter((link) => link.batch !== lifecycle.batch || !pairs.includes([...link.pair].sort().join()));
      }
      fragment.hidden = fragment.hidden.filter((one) => !isOurs(one));
    } else if (lifecycle?.type === 'FragmentBackfilled') {
      for (const event of fragment.hidden) {
        if (!isEvent(event.item)) {
          associate(event.item);
          continue;
        }
        const id = event.item.item['_id'] as string;
        const present = fragment.timeline.get(id);
        if (present !== undefined && present.order < event.order) continue;
        fragment.timeline.set(id, event);
        associate(event.item);
      }
      fragment.hidden = [];
      const { record } = fragment;
      if (record?.all !== undefined) fragment.record = { ...record, shown: record.all };
    } else if (isEvent(item)) {
      const id = item.item['_id'] as string;
      if (item.shown === false) fragment.hidden.push({ item, order: index });
      else if (!fragment.timeline.has(id)) {
        fragment.timeline.set(id, { item, order: index });
        associate(item);
      }
    } else {
      if (item.messageId !== undefined && fragment.applied.has(item.messageId)) return;
      if (item.messageId !== undefined) fragment.applied.add(item.messageId);
      if (item.shown === false) fragment.hidden.push({ item, order: index });
      else associate(item);
      fragment.record = changeFragment(fragment.record, {
        content: item.patch === undefined ? { record: item.item } : { patch: { ...item.patch, data: item.item } },
        shown: item.shown !== false,
        sourceTime: item.sourceTime,
        ordering: item.ordering ?? 'arrival',
        ingestedAt: item.ingestedAt ?? 0,
        position: String(index).padStart(4, '0'),
        revision: index,
      }).fragment;
    }
  });
  const clusters = joinClusters([...[...known].map((one) => [one]), ...links.map(({ pair }) => pair)]);
  return clusters.map((cluster) => evaluateCluster(cluster, fragments));
}

function isEvent({ item }: GivenItem): boolean {
  return '_id' in item;
}

function pairsOf(names: readonly string[]): readonly string[] {
  return names.flatMap((a, i) => names.slice(i + 1).map((b) => [a, b].sort().join()));
}

function evaluateCluster(cluster: readonly IdentityRef[], fragments: ReadonlyMap<string, PlainFragment>): Evaluated {
  const owned = [...fragments].filter(([name]) => cluster.includes(name.split(' ')[1] as string));
  const states = owned.flatMap(([name, { record }]) =>
    record?.shown === undefined ? [] : [{ dataset: name, state: record.shown }],
  );
  const events = owned.flatMap(([, { timeline }]) => [...timeline.keys()]).sort();
  return {
    members: [...cluster].sort(),
    attributes: mergeFragments(states, FIRST_MERGE_POLICY.attributeMerge),
    events,
    exists: states.length + events.length > 0,
  };
}
