import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import type { JsonObject } from '#core';

import {
  backfillFragment,
  changeFragment,
  deleteFragment,
  holdsAttributes,
  isReleased,
  MAX_FRAGMENT_CHARACTERS,
  wholeState,
  type ItemChange,
  type RecordFragment,
} from './fragment.js';
import { leafMoments } from './leaf-changes.js';

type Given = Partial<Omit<ItemChange, 'content'>>;

const change = (over: Given): Omit<ItemChange, 'content'> => ({
  shown: true,
  sourceTime: undefined,
  ordering: 'arrival',
  ingestedAt: 100,
  position: '0a',
  revision: 0,
  ...over,
});
const record = (attributes: JsonObject, over: Given = {}): ItemChange => ({
  ...change(over),
  content: { record: attributes },
});
const upsert = (data: JsonObject, over: Given = {}, unset: readonly string[][] = []): ItemChange => ({
  ...change(over),
  content: { patch: { data, append: [], unset } },
});

function after(...changes: readonly ItemChange[]): RecordFragment {
  let fragment: RecordFragment | undefined;
  changes.forEach((one, revision) => {
    const position = revision.toString(16).padStart(2, '0');
    fragment = changeFragment(fragment, { ...one, revision, position }).fragment;
  });
  return fragment as RecordFragment;
}

describe('a record fragment', () => {
  it('is replaced as a whole: attributes that the new record does not have are gone', () => {
    const fragment = after(record({ name: 'Ona', phone: '1' }), record({ name: 'Li' }, { ingestedAt: 200 }));
    expect(fragment).toEqual({
      shown: { attributes: { name: 'Li' }, updatedAt: 200, updatedPosition: '01' },
      revision: 1,
    });
  });

  it('is patched by an upsert, which makes it when there is none', () => {
    const fragment = after(
      upsert({ name: { first: 'Ona' }, phone: '1' }),
      upsert({ name: { last: 'Li' } }, { ingestedAt: 200 }, [['phone']]),
    );
    expect(fragment.shown).toMatchObject({ attributes: { name: { first: 'Ona', last: 'Li' } }, updatedAt: 200 });
  });

  it('takes its update time from the item alone: the source time, else the ingestion time', () => {
    expect(after(record({}, { sourceTime: 7 }))).toMatchObject({ shown: { updatedAt: 7 }, sourceTime: 7 });
    const without = after(record({}, { sourceTime: 7 }), record({}, { ingestedAt: 200 }));
    expect(without.shown?.updatedAt).toBe(200);
    expect(without).not.toHaveProperty('sourceTime');
  });

  it('keeps what shows when a record comes in while the dataset is not enabled, and moves its revision on', () => {
    const hidden = after(record({ tier: 'gold' }), record({ tier: 'none' }, { shown: false, ingestedAt: 200 }));
    expect(hidden).toEqual({
      shown: { attributes: { tier: 'gold' }, updatedAt: 100, updatedPosition: '00' },
      all: { attributes: { tier: 'none' }, updatedAt: 200, updatedPosition: '01' },
      revision: 1,
    });
  });

  it('patches what shows and what is held apart, until a record makes them one', () => {
    const items = [
      upsert({ a: 1 }),
      upsert({ b: 1 }, { shown: false, ingestedAt: 150 }),
      upsert({ c: 1 }, { ingestedAt: 200 }),
    ] as const;
    const fragment = after(...items);
    expect(fragment.shown?.attributes).toEqual({ a: 1, c: 1 });
    expect(fragment.all?.attributes).toEqual({ a: 1, b: 1, c: 1 });
    expect(after(...items, record({ d: 1 }, { ingestedAt: 300 }))).toEqual({
      shown: { attributes: { d: 1 }, updatedAt: 300, updatedPosition: '03' },
      revision: 3,
    });
  });

  it('shows nothing when all its records were hidden', () => {
    expect(after(record({ a: 1 }, { shown: false }))).not.toHaveProperty('shown');
  });

  it('refuses to grow for ever', () => {
    const long = 'x'.repeat(MAX_FRAGMENT_CHARACTERS / 2);
    const fragment = after(upsert({ a: long }));
    const { outcome, fragment: same } = changeFragment(fragment, upsert({ b: long }, { revision: 1 }));
    expect(outcome).toBe('oversized');
    expect(same).toEqual({ ...fragment, revision: 1 });
    expect(changeFragment(fragment, upsert({ a: 'x' }, { revision: 1 })).outcome).toBe('applied');
  });
});

describe('the moment at which a leaf changed last', () => {
  const moments = (fragment: RecordFragment) =>
    Object.fromEntries([...leafMoments(fragment.shown!)].map(([path, { updatedAt }]) => [path, updatedAt]));

  it('is that of the fragment where nothing else is said', () => {
    expect(after(record({ a: 1 }), record({ a: 2, b: 1 })).shown).not.toHaveProperty('changes');
  });

  it('stays when the same value is written again, by a patch or by a record', () => {
    const patched = after(
      record({ city: 'Rome', phone: '1', tags: ['a'] }, { ingestedAt: 1 }),
      upsert({ tier: 'none', phone: '1' }, { ingestedAt: 3 }),
    );
    expect(moments(patched)).toEqual({ city: 1, phone: 1, tags: 1 });
    const replaced = after(
      record({ city: 'Rome', name: { first: 'O' }, tags: ['a', { b: 1, c: 2 }] }, { ingestedAt: 1 }),
      upsert({ name: { last: 'L' } }, { ingestedAt: 2 }),
      record({ city: 'Oslo', name: { first: 'O', last: 'L' }, tags: ['a', { c: 2, b: 1 }] }, { ingestedAt: 3 }),
    );
    expect(moments(replaced)).toEqual({ 'name.first': 1, 'name.last': 2, tags: 1 });
    expect(replaced.shown?.changes).toEqual([
      { updatedAt: 1, updatedPosition: '00', paths: ['name.first', 'tags'] },
      { updatedAt: 2, updatedPosition: '01', paths: ['name.last'] },
    ]);
  });

  it('is new for what was gone meanwhile', () => {
    const fragment = after(
      record({ a: 1, b: 1 }, { ingestedAt: 1 }),
      record({ b: 1 }, { ingestedAt: 2 }),
      upsert({ a: 1 }, { ingestedAt: 3 }),
    );
    expect(moments(fragment)).toEqual({ b: 1 });
    expect(fragment.shown?.updatedAt).toBe(3);
  });
});

describe('a fragment ordered by source time', () => {
  const at = (sourceTime: number, city: string, revision: number) =>
    record({ city }, { ordering: 'source', sourceTime, revision });

  it('is left alone by what is not newer', () => {
    const fragment = after(at(5, 'Rome', 0), at(5, 'Oslo', 1), at(4, 'Bern', 2));
    expect(fragment).toMatchObject({ shown: { attributes: { city: 'Rome' } }, sourceTime: 5, revision: 2 });
    expect(changeFragment(fragment, at(6, 'Kyiv', 3))).toMatchObject({
      outcome: 'applied',
      fragment: { shown: { attributes: { city: 'Kyiv' } } },
    });
  });

  it('remembers across a delete how new it was', () => {
    const deleted = deleteFragment(after(at(5, 'Rome', 0)), 1);
    expect(deleted).toEqual({ sourceTime: 5, revision: 1, deletes: [1] });
    expect(holdsAttributes(changeFragment(deleted, at(5, 'Rome', 2)).fragment)).toBe(false);
    expect(changeFragment(deleted, at(6, 'Oslo', 2)).fragment.shown?.attributes).toEqual({ city: 'Oslo' });
  });

  it('is the same whatever the order of arrival of its records', () => {
    const times = fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { minLength: 1 });
    fc.assert(
      fc.property(times, (sourceTimes) => {
        const state = ({ shown, sourceTime }: RecordFragment) => [shown?.attributes, shown?.updatedAt, sourceTime];
        const items = sourceTimes.map((time) => at(time, String(time), 0));
        const newest = Math.max(...sourceTimes);
        expect(state(after(...items))).toEqual([{ city: String(newest) }, newest, newest]);
      }),
    );
  });
});

describe('a deleted fragment', () => {
  it('releases the ids that were applied before, not those after', () => {
    const fragment = deleteFragment(deleteFragment(after(record({})), 3), 7);
    expect([0, 2, 3, 5, 7, 8].map((applied) => isReleased(fragment, applied, 9))).toEqual([
      true,
      true,
      true,
      true,
      false,
      false,
    ]);
    expect(isReleased(fragment, 4, 6)).toBe(false);
  });

  it('starts anew, as if nothing had been there', () => {
    const deleted = deleteFragment(after(record({ a: 1, b: 1 })), 1);
    const { fragment } = changeFragment(deleted, upsert({ a: 1 }, { revision: 2, ingestedAt: 200, position: '0b' }));
    expect(fragment).toEqual({
      shown: { attributes: { a: 1 }, updatedAt: 200, updatedPosition: '0b' },
      revision: 2,
      deletes: [1],
    });
  });
});

describe('a backfilled fragment', () => {
  it('is what it would be, had all its items shown when they came', () => {
    const item = fc.record({
      attributes: fc.dictionary(fc.constantFrom('a', 'b'), fc.integer({ min: 0, max: 1 })),
      isPatch: fc.boolean(),
      shown: fc.boolean(),
      sourceTime: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
      ordering: fc.constantFrom<'arrival' | 'source'>('arrival', 'source'),
    });
    fc.assert(
      fc.property(fc.array(item, { minLength: 1, maxLength: 8 }), (items) => {
        const changes = items.map(({ attributes, isPatch, ...over }) => (isPatch ? upsert : record)(attributes, over));
        const revision = changes.length;
        const enabled = after(...changes.map((one) => ({ ...one, shown: true })));
        expect(backfillFragment(after(...changes), revision)).toEqual({ ...enabled, revision });
      }),
    );
    expect(wholeState(after(record({ a: 1 }, { shown: false })))?.attributes).toEqual({ a: 1 });
  });
});
