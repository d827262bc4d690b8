import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { fragmentStream, identityRef, namingSecret, type Identity, type JsonObject } from '#core';
import { ProjectionRunner } from '#projection';
import type { DocumentReader, ProjectionVersion } from '#read-store';

import { openEmbeddedEngines, type EmbeddedEngines } from '../../../../test/support/embedded-engines.js';
import { appendItems, crm, email, SANDBOX, type GivenItem } from '../../../../test/support/ingested.js';
import {
  DATASET_COUNTS,
  datasetCountsKey,
  fragmentKey,
  FRAGMENTS,
  IDENTITIES,
  LINKS,
  PROFILE_PROJECTION,
  PROFILES,
  TIMELINE,
  timelineOwner,
  type DatasetCountsBody,
  type FragmentBody,
  type IdentityBody,
  type LinkBody,
  type ProfileBody,
} from '../documents.js';
import { profileProjection } from './profile.projection.js';

const secret = namingSecret('5'.repeat(64));
const projection = profileProjection(secret);
const T0 = Date.parse('2026-01-01T00:00:00Z');

const record = (owner: Identity, item: JsonObject, over: Partial<GivenItem> = {}): GivenItem => ({
  dataset: 'crm',
  owner,
  item,
  ...over,
});

const purchase = (owner: Identity, id: string, over: Partial<GivenItem> & { readonly at?: number } = {}): GivenItem => {
  const { at = T0, ...rest } = over;
  const item = { _id: id, timestamp: new Date(at).toISOString(), eventType: 'commerce.purchases' };
  return { dataset: 'orders', owner, item, ...rest };
};

describe('the profile projection', () => {
  let engines: EmbeddedEngines;
  let version: ProjectionVersion;

  beforeEach(async () => {
    engines = await openEmbeddedEngines();
    version = { projection: PROFILE_PROJECTION, version: 1000 };
  });

  afterEach(() => engines.dispose());

  async function given(...items: readonly GivenItem[]): Promise<void> {
    await appendItems(engines.log, secret, items);
  }

  async function fold(pageSize = 100): Promise<DocumentReader> {
    const { log, store } = engines;
    const runner = new ProjectionRunner({ log, store, projection, version, poison: 'park', pageSize });
    await runner.open();
    await runner.run(new AbortController().signal, await log.head());
    return store.reader(version);
  }

  const ref = (identity: Identity, sandbox = SANDBOX): string => identityRef(secret, sandbox, identity);

  async function profileOf(identity: Identity, sandbox = SANDBOX): Promise<ProfileBody | undefined> {
    const [found] = await engines.store
      .reader(version)
      .findByMember(PROFILES.name, 'by_member', [ref(identity, sandbox)]);
    expect(found?.length ?? 0).toBeLessThanOrEqual(1);
    return found?.[0] && (JSON.parse(found[0].body) as ProfileBody);
  }

  async function body<T>(collection: string, key: string): Promise<T | undefined> {
    const [found] = await engines.store.reader(version).get(collection, [key]);
    return found && (JSON.parse(found.body) as T);
  }

  it('makes a profile of a record and shows the newest record only', async () => {
    await given(record(crm('7'), { crmId: '7', phone: '1' }, { ingestedAt: 10 }));
    await given(record(crm('7'), { crmId: '7', city: 'Rome' }, { ingestedAt: 20 }));
    await fold();
    expect(await profileOf(crm('7'))).toEqual({
      sandbox: SANDBOX,
      members: [
        {
          ...crm('7'),
          ref: ref(crm('7')),
          firstSeen: 10,
          changedAt: 20,
          seen: expect.stringMatching(/^[0-9a-f]+\.00$/) as unknown,
        },
      ],
      attributes: { crmId: '7', city: 'Rome' },
      records: { [ref(crm('7'))]: ['crm'] },
      events: {},
      lastModifiedAt: 20,
    });
    expect(await body<FragmentBody>(FRAGMENTS.name, fragmentKey(ref(crm('7')), 'crm'))).toMatchObject({
      shown: { attributes: { crmId: '7', city: 'Rome' }, updatedAt: 20 },
      revision: 1,
    });
  });

  it('keeps events in the timeline to the letter, and counts them per owner and dataset', async () => {
    await given(purchase(crm('7'), 'a', { at: T0 + 5 }), purchase(crm('7'), 'b', { at: T0 + 3 }));
    const reader = await fold();
    const found = await reader.scan(TIMELINE.name, {
      index: 'by_owner',
      equals: [timelineOwner(ref(crm('7')))],
      limit: 10,
    });
    expect(found.map(({ columns }) => columns['at'])).toEqual([T0 + 3, T0 + 5]);
    expect(found[0]?.body).toBe('{"_id":"b","timestamp":"2026-01-01T00:00:00.003Z","eventType":"commerce.purchases"}');
    expect((await profileOf(crm('7')))?.events).toEqual({ [ref(crm('7'))]: { orders: { count: 2, last: T0 + 5 } } });
  });

  it('joins the clusters of identities that occur together, whatever they held before', async () => {
    await given(
      record(crm('7'), { city: 'Rome' }, { ingestedAt: 10 }),
      record(email('o@x'), { tier: 'gold' }, { ingestedAt: 20 }),
      purchase(email('o@x'), 'a', { ingestedAt: 30 }),
    );
    await fold();
    expect((await profileOf(email('o@x')))?.attributes).toEqual({ tier: 'gold' });
    await given(purchase(crm('7'), 'b', { others: [email('o@x')], ingestedAt: 40 }));
    await fold();
    const joined = await profileOf(email('o@x'));
    expect(joined).toEqual(await profileOf(crm('7')));
    expect(joined).toMatchObject({ attributes: { city: 'Rome', tier: 'gold' }, lastModifiedAt: 40 });
    expect(joined?.members.map(({ id }) => id)).toEqual(['7', 'o@x']);
    expect(joined?.events).toEqual({
      [ref(crm('7'))]: { orders: { count: 1, last: T0 } },
      [ref(email('o@x'))]: { orders: { count: 1, last: T0 } },
    });
    expect(await engines.store.reader(version).count(PROFILES.name)).toBe(1);
  });

  it('gives the joined profile the id of the member that the log saw first', async () => {
    await given(record(email('o@x'), {}), record(crm('7'), {}), purchase(crm('7'), 'b', { others: [email('o@x')] }));
    const reader = await fold(1);
    const [found] = await reader.findByMember(PROFILES.name, 'by_member', [ref(crm('7'))]);
    expect(found?.[0]?.key).toBe(ref(email('o@x')));
  });

  it('keeps a link once per pair, with its first and last association per dataset', async () => {
    const both = { others: [email('o@x')] };
    await given(
      purchase(crm('7'), 'a', { ...both, at: T0 + 5 }),
      purchase(crm('7'), 'b', { ...both, at: T0 + 1 }),
      record(crm('7'), {}, { ...both, ingestedAt: T0 + 9 }),
    );
    const reader = await fold();
    const [link, ...rest] = await reader.scan(LINKS.name, { limit: 10 });
    expect(rest).toEqual([]);
    expect((JSON.parse(link?.body ?? '') as LinkBody).datasets).toEqual({
      orders: { first: T0 + 1, last: T0 + 5 },
      crm: { first: T0 + 9, last: T0 + 9 },
    });
    expect(link?.columns['last']).toBe(T0 + 9);
    expect(await body<IdentityBody>(IDENTITIES.name, ref(crm('7')))).toMatchObject({ ...crm('7'), links: 1 });
  });

  it('lets the first content under an id win, and counts what was without effect', async () => {
    await given(
      purchase(crm('7'), 'a'),
      purchase(crm('7'), 'a'),
      purchase(crm('7'), 'a', { at: T0 + 1 }),
      purchase(crm('8'), 'a'),
    );
    const reader = await fold();
    expect(await reader.count(TIMELINE.name)).toBe(2);
    expect(await body<DatasetCountsBody>(DATASET_COUNTS.name, datasetCountsKey(SANDBOX, 'orders'))).toEqual({
      sandbox: SANDBOX,
      dataset: 'orders',
      events: 2,
      recordFragments: 0,
      duplicates: 1,
      idsReused: 1,
      stale: 0,
      oversized: 0,
    });
  });

  it.each([1, 100])('leaves B after A, B, A-again, in pages of %d', async (pageSize) => {
    const a = record(crm('7'), { city: 'Rome' }, { messageId: 'A', ingestedAt: 10 });
    const b = record(crm('7'), { city: 'Oslo' }, { messageId: 'B', ingestedAt: 20 });
    await given(a, b, { ...a, ingestedAt: 30 });
    await fold(pageSize);
    expect(await profileOf(crm('7'))).toMatchObject({ attributes: { city: 'Oslo' }, lastModifiedAt: 20 });
    expect((await body<FragmentBody>(FRAGMENTS.name, fragmentKey(ref(crm('7')), 'crm')))?.revision).toBe(2);
  });

  it('does not show what came in while the dataset was not enabled', async () => {
    await given(record(crm('7'), { city: 'Rome' }, { shown: false }), purchase(crm('7'), 'a', { shown: false }));
    const reader = await fold();
    expect(await profileOf(crm('7'))).toBeUndefined();
    expect(await reader.count(TIMELINE.name)).toBe(0);
    expect(await body<FragmentBody>(FRAGMENTS.name, fragmentKey(ref(crm('7')), 'crm'))).toMatchObject({
      all: { attributes: { city: 'Rome' } },
    });
  });

  it('keeps sandboxes apart', async () => {
    await given(record(crm('7'), { city: 'Rome' }), record(crm('7'), { city: 'Oslo' }, { sandbox: 'sbx00002' }));
    await fold();
    expect((await profileOf(crm('7')))?.attributes).toEqual({ city: 'Rome' });
    expect((await profileOf(crm('7'), 'sbx00002'))?.attributes).toEqual({ city: 'Oslo' });
  });

  it('parks a fragment whose event no ingest has written, and goes on with the rest', async () => {
    await given(record(crm('7'), { city: 'Rome' }));
    const stream = fragmentStream(secret, SANDBOX, 'crm', crm('7'));
    const broken = { id: '0'.repeat(8) + '-0000-4000-8000-' + '0'.repeat(12), type: 'RecordIngested', data: '{"item"' };
    await engines.log.append({ common: {}, writes: [{ stream, expected: 0, events: [broken] }] });
    await given(record(crm('7'), { city: 'Oslo' }), record(crm('8'), { city: 'Bern' }));
    const reader = await fold();
    expect((await profileOf(crm('7')))?.attributes).toEqual({ city: 'Rome' });
    expect((await profileOf(crm('8')))?.attributes).toEqual({ city: 'Bern' });
    expect(await reader.count('parked')).toBe(1);
  });

  it('gives what a plain evaluation of all items gives, however the pages are cut', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyItem, { maxLength: 20 }),
        fc.integer({ min: 1, max: 7 }),
        async (items, pageSize) => {
          run += 1;
          const sandbox = `run${String(run).padStart(5, '0')}`;
          const log = items.map((item, i) => ({ ...item, sandbox, ingestedAt: T0 + i }));
          await given(...log);
          version = { projection: PROFILE_PROJECTION, version: 1000 };
          await fold(pageSize);
          for (const [identity, expected] of evaluate(log)) {
            const profile = await profileOf(parse(identity), sandbox);
            const events = Object.values(profile?.events ?? {}).flatMap((one) => Object.values(one));
            expect({
              identity,
              members: profile?.members.map(print).sort(),
              attributes: profile?.attributes,
              events: events.reduce((sum, { count }) => sum + count, 0),
            }).toEqual({ identity, ...expected });
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

const print = ({ namespace, id }: Identity): string => `${namespace}:${id}`;
const parse = (text: string): Identity => ({ namespace: text.split(':')[0] ?? '', id: text.split(':')[1] ?? '' });

const people = fc.oneof(fc.constantFrom('1', '2', '3').map(crm), fc.constantFrom('a', 'b').map(email));
const others = fc.oneof(
  { weight: 3, arbitrary: fc.constant([]) },
  { weight: 1, arbitrary: people.map((one) => [one]) },
);
const id = fc.constantFrom('x', 'y', 'z');

const anyRecord: fc.Arbitrary<GivenItem> = fc
  .record({
    dataset: fc.constantFrom('crm', 'loyalty'),
    owner: people,
    others,
    item: fc.dictionary(fc.constantFrom('city', 'tier', 'phone'), fc.constantFrom('1', '2')),
    messageId: fc.option(id, { nil: undefined }),
    shown: fc.boolean(),
  })
  .map(({ messageId, ...rest }) => ({ ...rest, ...(messageId !== undefined && { messageId }) }));
const anyEvent: fc.Arbitrary<GivenItem> = fc
  .record({ owner: people, others, id, at: fc.integer({ min: 0, max: 2 }) })
  .map(({ owner, id: _id, at, others: more }) => purchase(owner, _id, { at: T0 + at, others: more }));
const anyItem = fc
  .oneof(anyRecord, anyEvent)
  .map((item) => ({ ...item, others: (item.others ?? []).filter((one) => print(one) !== print(item.owner)) }));

interface Evaluated {
  readonly members: readonly string[];
  readonly attributes: JsonObject;
  readonly events: number;
}

/** What `semantics.md` says of a list of items, worked out the slow way: no pages, no documents, no union-find. */
function evaluate(items: readonly GivenItem[]): Map<string, Evaluated> {
  const applied = new Set<string>();
  const records = new Map<string, GivenItem & { readonly order: number }>();
  const events: string[] = [];
  let clusters: Set<string>[] = [];
  items.forEach((item, order) => {
    const owner = print(item.owner);
    const eventId = item.item['_id'] as string | undefined;
    const clientId = item.messageId ?? eventId;
    const scope = `${item.dataset}/${owner}/${clientId ?? ''}`;
    if (clientId !== undefined && item.item['_id'] === undefined) {
      if (applied.has(scope)) return;
      applied.add(scope);
    }
    if (item.shown === false) return;
    if (item.item['_id'] !== undefined) {
      if (applied.has(scope)) return;
      applied.add(scope);
      events.push(owner);
    } else records.set(`${item.dataset}/${owner}`, { ...item, order });
    const group = new Set([owner, ...(item.others ?? []).map(print)]);
    const touched = clusters.filter((cluster) => [...group].some((one) => cluster.has(one)));
    clusters = [
      ...clusters.filter((one) => !touched.includes(one)),
      new Set([...group, ...touched.flatMap((one) => [...one])]),
    ];
  });
  const evaluated = new Map<string, Evaluated>();
  for (const cluster of clusters) {
    const fragments = [...records.values()].filter(({ owner }) => cluster.has(print(owner)));
    const attributes = Object.assign(
      {},
      ...fragments.sort((a, b) => a.order - b.order).map(({ item }) => item),
    ) as JsonObject;
    const count = events.filter((owner) => cluster.has(owner)).length;
    for (const one of cluster) evaluated.set(one, { members: [...cluster].sort(), attributes, events: count });
  }
  return evaluated;
}
