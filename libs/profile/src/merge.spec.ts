import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { isJsonObject, type JsonObject, type JsonValue } from '#core';

import { mergeAttributes, rankByTimestamp } from './merge.js';

const fragment = (updatedAt: number, updatedPosition: string, attributes: JsonObject) => ({
  updatedAt,
  updatedPosition,
  attributes,
});

const mergedByTimestamp = (...fragments: ReturnType<typeof fragment>[]): JsonObject =>
  mergeAttributes(rankByTimestamp(fragments).map(({ attributes }) => attributes));

describe('merge by timestamp', () => {
  it('worked example: the newest fragment decides, older ones fill what it does not have', () => {
    const crm = fragment(3, '03', { city: 'Rome', phone: '1', tier: 'none' });
    const loyalty = fragment(2, '02', { city: 'Oslo', tier: 'gold' });
    expect(mergedByTimestamp(loyalty, crm)).toEqual({ city: 'Rome', phone: '1', tier: 'none' });
  });

  it('breaks ties of update time by the higher log position', () => {
    const earlier = fragment(1, '0a', { city: 'Rome' });
    const later = fragment(1, '0b', { city: 'Oslo' });
    expect(mergedByTimestamp(later, earlier)).toEqual({ city: 'Oslo' });
    expect(mergedByTimestamp(earlier, later)).toEqual({ city: 'Oslo' });
  });

  it('descends into objects and takes arrays whole', () => {
    const newer = { name: { first: 'Ona' }, tags: ['a'] };
    const older = { name: { first: 'O.', last: 'Li' }, tags: ['b', 'c'] };
    expect(mergeAttributes([newer, older])).toEqual({ name: { first: 'Ona', last: 'Li' }, tags: ['a'] });
  });

  it('lets the better-ranked fragment decide between a scalar and an object', () => {
    expect(mergeAttributes([{ home: 'Rome' }, { home: { city: 'Oslo' } }])).toEqual({ home: 'Rome' });
    expect(mergeAttributes([{ home: { city: 'Oslo' } }, { home: 'Rome' }])).toEqual({ home: { city: 'Oslo' } });
  });

  it('unites identity maps; of the same id the better-ranked entry stays', () => {
    const newer = { identityMap: { Email: [{ id: 'a', primary: true }] } };
    const older = { identityMap: { Email: [{ id: 'a' }, { id: 'b' }], CRMID: [{ id: '7' }] } };
    expect(mergeAttributes([newer, older])).toEqual({
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
    expect(mergeAttributes([newer, older])).toEqual({
      segmentMembership: { ups: { s1: at(2, 'exited'), s2: at(1, 'entered') } },
    });
  });

  it('takes __proto__ and constructor for ordinary keys', () => {
    const one = JSON.parse('{"__proto__":{"a":1},"constructor":{"b":1}}') as JsonObject;
    const other = JSON.parse('{"__proto__":{"c":1}}') as JsonObject;
    expect(JSON.stringify(mergeAttributes([one, other]))).toBe('{"__proto__":{"a":1,"c":1},"constructor":{"b":1}}');
  });

  it('gives every leaf of the best fragment, and no leaf that no fragment has', () => {
    const value: fc.Arbitrary<JsonValue> = fc.letrec<{ tree: JsonValue }>((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        fc.integer(),
        fc.array(fc.integer(), { maxLength: 2 }),
        fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('tree'), { maxKeys: 3 }),
      ),
    })).tree;
    const attributes = fc.dictionary(fc.constantFrom('a', 'b', 'c'), value) as fc.Arbitrary<JsonObject>;
    fc.assert(
      fc.property(fc.array(attributes, { minLength: 1, maxLength: 4 }), (ranked) => {
        const merged = leaves(mergeAttributes(ranked));
        const all = new Set(ranked.flatMap((object) => [...leaves(object)].map(([path, leaf]) => path + leaf)));
        for (const [path, leaf] of merged) expect(all).toContain(path + leaf);
        for (const [path, leaf] of leaves(ranked[0] as JsonObject)) {
          if (leaf !== '{}') expect(merged.get(path)).toBe(leaf);
        }
      }),
    );
  });
});

function leaves(object: JsonObject, prefix = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(object)) {
    const path = `${prefix}/${key}`;
    if (isJsonObject(value) && Object.keys(value).length > 0)
      for (const leaf of leaves(value, path)) found.set(...leaf);
    else found.set(path, JSON.stringify(value));
  }
  return found;
}
