import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import type { AttributeMerge } from '#catalog';
import { isJsonObject, parsePath, type JsonObject, type JsonValue } from '#core';

import { propertyRuns } from '../../../test/support/property-runs.js';
import { changeFragment, type RecordFragment } from './fragment.js';
import { lineageOf, type LineageLeaf } from './lineage.js';
import { leafMoments, type ChangeMoment } from './leaf-changes.js';
import { mergeFragments } from './merge.js';
import type { MergeFragment } from './rank.js';

const NEWEST: AttributeMerge = { type: 'timestampOrdered', granularity: 'fragment' };
const NEWEST_FIELD: AttributeMerge = { type: 'timestampOrdered', granularity: 'field' };
const precedence = (...order: readonly string[]): AttributeMerge => ({
  type: 'dataSetPrecedence',
  order,
  granularity: 'fragment',
});

const fragment = (at: number, attributes: JsonObject, dataset = 'crm'): MergeFragment => ({
  dataset,
  state: { updatedAt: at, updatedPosition: String(at).padStart(4, '0'), attributes },
});
/** The first of these is the newest. */
const newestFirst = (...attributes: readonly JsonObject[]): JsonObject =>
  mergeFragments(
    attributes.map((one, index) => fragment(100 - index, one)),
    NEWEST,
  );

interface Item {
  readonly content: { readonly record: JsonObject } | { readonly patch: JsonObject };
  /** Update time; its place in the log is that of the item in the list. */
  readonly at: number;
}

/** The fragment that a dataset holds after items, each at its place in the log. */
function fragmentAfter(dataset: string, items: readonly (Item & { readonly position: string })[]): MergeFragment {
  const last = items.reduce<RecordFragment | undefined>((before, { content, at, position }, revision) => {
    return changeFragment(before, {
      content: 'record' in content ? content : { patch: { data: content.patch, append: [], unset: [] } },
      shown: true,
      sourceTime: at,
      ordering: 'arrival',
      ingestedAt: at,
      position,
      revision,
    }).fragment;
  }, undefined);
  return { dataset, state: last!.shown! };
}

describe('Worked example of merge policies: city, phone, tier', () => {
  const crm = fragmentAfter('crm', [
    { content: { record: { city: 'Rome', phone: '1' } }, at: 1, position: '01' },
    { content: { patch: { tier: 'none' } }, at: 3, position: '03' },
  ]);
  const loyalty = fragmentAfter('loyalty', [
    { content: { record: { city: 'Oslo', tier: 'gold' } }, at: 2, position: '02' },
  ]);

  it.each<[string, AttributeMerge, JsonObject]>([
    ['timestampOrdered, fragment', NEWEST, { city: 'Rome', phone: '1', tier: 'none' }],
    ['timestampOrdered, field', NEWEST_FIELD, { city: 'Oslo', phone: '1', tier: 'none' }],
    ['dataSetPrecedence [loyalty, crm]', precedence('loyalty', 'crm'), { city: 'Oslo', phone: '1', tier: 'gold' }],
    ['dataSetPrecedence [loyalty]', precedence('loyalty'), { city: 'Oslo', tier: 'gold' }],
  ])('%s', (_name, merge, merged) => {
    expect(mergeFragments([crm, loyalty], merge)).toEqual(merged);
    expect(mergeFragments([loyalty, crm], merge)).toEqual(merged);
  });
});

describe('merging fragments', () => {
  it('breaks ties of update time by the higher log position', () => {
    const earlier = { dataset: 'crm', state: { updatedAt: 1, updatedPosition: '0a', attributes: { city: 'Rome' } } };
    const later = { dataset: 'crm', state: { updatedAt: 1, updatedPosition: '0b', attributes: { city: 'Oslo' } } };
    expect(mergeFragments([later, earlier], NEWEST)).toEqual({ city: 'Oslo' });
    expect(mergeFragments([earlier, later], NEWEST)).toEqual({ city: 'Oslo' });
  });

  it('takes the newest within a dataset of the order, and nothing of datasets that are not in it', () => {
    const fragments = [
      fragment(1, { city: 'Rome' }, 'crm'),
      fragment(2, { city: 'Oslo', zip: '2' }, 'crm'),
      fragment(3, { city: 'Bonn', zip: '3', phone: '3' }, 'loyalty'),
      fragment(4, { city: 'Kyiv', email: 'x' }, 'web'),
    ];
    expect(mergeFragments(fragments, precedence('crm', 'gone', 'loyalty'))).toEqual({
      city: 'Oslo',
      zip: '2',
      phone: '3',
    });
    expect(mergeFragments(fragments, precedence('gone'))).toEqual({});
  });

  it('descends into objects and takes arrays whole', () => {
    const newer = { name: { first: 'Ona' }, tags: ['a'] };
    const older = { name: { first: 'O.', last: 'Li' }, tags: ['b', 'c'] };
    expect(newestFirst(newer, older)).toEqual({ name: { first: 'Ona', last: 'Li' }, tags: ['a'] });
  });

  it('lets the better-ranked fragment decide between a scalar and an object', () => {
    expect(newestFirst({ home: 'Rome' }, { home: { city: 'Oslo' } })).toEqual({ home: 'Rome' });
    expect(newestFirst({ home: { city: 'Oslo' } }, { home: 'Rome' })).toEqual({ home: { city: 'Oslo' } });
  });

  it('goes by the newest leaf of an object when it meets a scalar and fields decide', () => {
    const object = fragmentAfter('crm', [
      { content: { record: { home: { city: 'Rome', zip: '1' } } }, at: 1, position: '01' },
      { content: { patch: { home: { zip: '2' } } }, at: 3, position: '03' },
      { content: { patch: { other: 1 } }, at: 5, position: '05' },
    ]);
    const scalar = (at: number) => fragment(at, { home: 'Oslo' }, 'loyalty');
    expect(mergeFragments([object, scalar(2)], NEWEST_FIELD)).toEqual({ home: { city: 'Rome', zip: '2' }, other: 1 });
    expect(mergeFragments([object, scalar(4)], NEWEST_FIELD)).toEqual({ home: 'Oslo', other: 1 });
  });

  it('does not count a value that was written again as newer when fields decide', () => {
    const again = fragmentAfter('crm', [
      { content: { record: { city: 'Rome' } }, at: 1, position: '01' },
      { content: { record: { city: 'Rome' } }, at: 3, position: '03' },
    ]);
    const other = fragment(2, { city: 'Oslo' }, 'loyalty');
    expect(mergeFragments([again, other], NEWEST)).toEqual({ city: 'Rome' });
    expect(mergeFragments([again, other], NEWEST_FIELD)).toEqual({ city: 'Oslo' });
  });

  it('unites identity maps; of the same id the better-ranked entry stays', () => {
    const newer = { identityMap: { Email: [{ id: 'a', primary: true }] } };
    const older = { identityMap: { Email: [{ id: 'a' }, { id: 'b' }], CRMID: [{ id: '7' }] } };
    expect(newestFirst(newer, older)).toEqual({
      identityMap: { Email: [{ id: 'a', primary: true }, { id: 'b' }], CRMID: [{ id: '7' }] },
    });
  });

  it('unites segment memberships with the newest entry per segment', () => {
    const at = (day: number, status: string) => ({
      lastQualificationTime: `2026-01-0${String(day)}T00:00:00Z`,
      status,
    });
    const newer = { segmentMembership: { ups: { s1: at(1, 'existing') } } };
    const older = { segmentMembership: { ups: { s1: at(2, 'exited'), s2: at(1, 'entered') } } };
    expect(newestFirst(newer, older)).toEqual({
      segmentMembership: { ups: { s1: at(2, 'exited'), s2: at(1, 'entered') } },
    });
  });

  it('takes __proto__ and constructor for ordinary keys', () => {
    const one = JSON.parse('{"__proto__":{"a":1},"constructor":{"b":1}}') as JsonObject;
    const other = JSON.parse('{"__proto__":{"c":1}}') as JsonObject;
    expect(JSON.stringify(newestFirst(one, other))).toBe('{"__proto__":{"a":1,"c":1},"constructor":{"b":1}}');
  });
});

const DATASETS = ['crm', 'loyalty', 'web'] as const;
const KEYS = ['a', 'b', 'a.b'] as const;

const tree: fc.Arbitrary<JsonValue> = fc.letrec<{ tree: JsonValue }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    fc.integer({ min: 0, max: 3 }),
    fc.array(fc.integer({ min: 0, max: 1 }), { maxLength: 2 }),
    fc.dictionary(fc.constantFrom(...KEYS), tie('tree'), { maxKeys: 3 }),
  ),
})).tree;
const attributes = fc.dictionary(fc.constantFrom(...KEYS), tree) as fc.Arbitrary<JsonObject>;

/** Fragments of up to four owners, each after a few items; items of all stand in one log. */
const fragments: fc.Arbitrary<readonly MergeFragment[]> = fc
  .array(
    fc.record({
      owner: fc.nat({ max: 3 }),
      dataset: fc.constantFrom(...DATASETS),
      at: fc.nat({ max: 5 }),
      content: fc.oneof(
        attributes.map((record) => ({ record })),
        attributes.map((patch) => ({ patch })),
      ),
    }),
    { minLength: 1, maxLength: 10 },
  )
  .map((items) => {
    const log = items.map((item, index) => ({ ...item, position: index.toString().padStart(4, '0') }));
    const names = [...new Set(log.map(({ owner, dataset }) => `${owner}/${dataset}`))];
    return names.map((name) =>
      fragmentAfter(
        name.slice(2),
        log.filter(({ owner, dataset }) => `${owner}/${dataset}` === name),
      ),
    );
  });

const merges: fc.Arbitrary<AttributeMerge> = fc
  .record({
    order: fc.shuffledSubarray([...DATASETS], { minLength: 1 }),
    type: fc.constantFrom('timestampOrdered', 'dataSetPrecedence'),
    granularity: fc.constantFrom('fragment', 'field'),
  })
  .map(({ order, type, granularity }) =>
    type === 'dataSetPrecedence' ? { type, order, granularity } : { type, granularity },
  );

describe('whatever fragments there are, under whatever policy', () => {
  it('each leaf is that of a slow evaluation, leaf by leaf', () => {
    fc.assert(
      fc.property(fragments, merges, (given, merge) => {
        expect(leavesOf(mergeFragments(given, merge))).toEqual(slowLeaves(given, merge));
      }),
      propertyRuns(500),
    );
  });

  it('the order in which they are given does not matter, down to the text', () => {
    const shuffled = fragments.chain((given) =>
      fc.tuple(fc.constant(given), fc.shuffledSubarray([...given], { minLength: given.length })),
    );
    fc.assert(
      fc.property(shuffled, merges, ([given, other], merge) => {
        expect(JSON.stringify(mergeFragments(other, merge))).toBe(JSON.stringify(mergeFragments(given, merge)));
      }),
      propertyRuns(200),
    );
  });

  it('the lineage has the leaves of the merge, each with a winner that holds it', () => {
    fc.assert(
      fc.property(fragments, merges, (given, merge) => {
        const { attributes: merged, leaves } = lineageOf(given, merge);
        expect(JSON.stringify(merged)).toBe(JSON.stringify(mergeFragments(given, merge)));
        expect(new Map(leaves.map(({ path, value }) => [path, value]))).toEqual(leavesOf(merged));
        for (const leaf of leaves) {
          expect(leavesOf(leaf.fragment.state.attributes).get(leaf.path)).toEqual(leaf.value);
          expectLosers(leaf, given, merge);
        }
      }),
      propertyRuns(200),
    );
  });
});

/** Whoever was selected and has something at the path is named once; so is who has a scalar further up that was beaten. */
function expectLosers(leaf: LineageLeaf<MergeFragment>, given: readonly MergeFragment[], merge: AttributeMerge): void {
  const keys = parsePath(leaf.path) as Keys;
  const contenders = selected(given, merge).filter((one) => valueAt(one, keys) !== undefined);
  const beaten = leaf.losers.filter(({ path }) => path !== leaf.path);
  const atLeaf = [leaf, ...leaf.losers.filter(({ path }) => path === leaf.path)];
  expect(atLeaf).toHaveLength(contenders.length);
  expect(new Set(atLeaf.map(({ fragment: one }) => one))).toEqual(new Set(contenders));
  for (const { path, fragment: one, value } of leaf.losers) {
    expect(valueAt(one, parsePath(path) as Keys)).toEqual(value);
    expect(leaf.path.startsWith(path)).toBe(true);
  }
  for (const { value } of beaten) expect(isJsonObject(value)).toBe(false);
  expect(leaf.rule).toBe(leaf.losers[0]?.rule ?? 'only');
}

function selected(given: readonly MergeFragment[], merge: AttributeMerge): readonly MergeFragment[] {
  return given.filter(({ dataset }) => merge.type === 'timestampOrdered' || merge.order.includes(dataset));
}

/** By path as the merge writes it; an empty object is a leaf. */
function leavesOf(object: JsonObject): Map<string, JsonValue> {
  return new Map(keyedLeaves(object).map(([keys, value]) => [textOf(keys), value]));
}

type Keys = readonly string[];

function keyedLeaves(object: JsonObject): [Keys, JsonValue][] {
  return Object.entries(object).flatMap(([key, value]): [Keys, JsonValue][] =>
    isJsonObject(value) && Object.keys(value).length > 0
      ? keyedLeaves(value).map(([keys, leaf]): [Keys, JsonValue] => [[key, ...keys], leaf])
      : [[[key], value]],
  );
}

function textOf(keys: Keys): string {
  return keys.map((key, index) => (key === 'a.b' ? '["a.b"]' : index === 0 ? key : `.${key}`)).join('');
}

/**
 * As the rule reads: a fragment's leaf stands when, at its own path and at each path above it, the best of the fragments
 * that were not beaten further up is one that it agrees with.
 */
function slowLeaves(given: readonly MergeFragment[], merge: AttributeMerge): Map<string, JsonValue> {
  const all = selected(given, merge);
  const stands = new Map<string, JsonValue>();
  for (const one of all) {
    for (const [keys, value] of keyedLeaves(one.state.attributes)) {
      let left = all;
      for (let depth = 1; depth <= keys.length; depth += 1) {
        const at = keys.slice(0, depth);
        left = left.filter((other) => valueAt(other, at) !== undefined);
        if (left.length === 0) break;
        const best = left.reduce((a, b) => (beats(a, b, at, merge) ? a : b));
        left = isJsonObject(valueAt(best, at)) ? left.filter((other) => isJsonObject(valueAt(other, at))) : [best];
      }
      const isFilled =
        isJsonObject(value) && left.some((other) => Object.keys(valueAt(other, keys) as object).length > 0);
      if (left.includes(one) && !isFilled) stands.set(textOf(keys), value);
    }
  }
  return stands;
}

function valueAt({ state }: MergeFragment, keys: Keys): JsonValue | undefined {
  return keys.reduce<JsonValue | undefined>(
    (value, key) => (isJsonObject(value) ? value[key] : undefined),
    state.attributes,
  );
}

function beats(a: MergeFragment, b: MergeFragment, at: Keys, merge: AttributeMerge): boolean {
  const place = ({ dataset }: MergeFragment) => (merge.type === 'dataSetPrecedence' ? merge.order.indexOf(dataset) : 0);
  if (place(a) !== place(b)) return place(a) < place(b);
  const [one, other] = [decidingMoment(a, at, merge), decidingMoment(b, at, merge)];
  if (one.updatedAt !== other.updatedAt) return one.updatedAt > other.updatedAt;
  return one.updatedPosition > other.updatedPosition;
}

function decidingMoment(one: MergeFragment, at: Keys, { granularity }: AttributeMerge): ChangeMoment {
  if (granularity === 'fragment') return one.state;
  const value = valueAt(one, at) as JsonValue;
  const below = isJsonObject(value) ? keyedLeaves(value).map(([keys]) => [...at, ...keys]) : [];
  const moments = (below.length === 0 ? [at] : below).map(
    (keys) => leafMoments(one.state).get(textOf(keys)) ?? one.state,
  );
  return moments.reduce((a, b) =>
    a.updatedAt > b.updatedAt || (a.updatedAt === b.updatedAt && a.updatedPosition > b.updatedPosition) ? a : b,
  );
}
