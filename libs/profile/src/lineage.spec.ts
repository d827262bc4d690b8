import { describe, expect, it } from '@jest/globals';

import type { AttributeMerge } from '#catalog';
import type { JsonObject } from '#core';

import type { LeafChange } from './leaf-changes.js';
import { lineageOf } from './lineage.js';
import type { MergeFragment } from './rank.js';

const NEWEST: AttributeMerge = { type: 'timestampOrdered', granularity: 'fragment' };

function fragment(
  dataset: string,
  at: number,
  attributes: JsonObject,
  ...changes: readonly LeafChange[]
): MergeFragment {
  const state = { updatedAt: at, updatedPosition: `0${at}`, attributes };
  return { dataset, state: changes.length === 0 ? state : { ...state, changes } };
}

/** As somebody would tell it: `path = value of dataset (rule); dataset had value (rule)`. */
function told(given: readonly MergeFragment[], merge: AttributeMerge): readonly string[] {
  return lineageOf(given, merge).leaves.map(({ path, value, fragment: one, changed, rule, losers }) => {
    const lost = losers.map((loser) => {
      const at = loser.path === path ? '' : ` at ${loser.path}`;
      return `; ${loser.fragment.dataset} had ${JSON.stringify(loser.value)}${at} (${loser.rule})`;
    });
    return `${path} = ${JSON.stringify(value)} of ${one.dataset} at ${changed.updatedAt} (${rule})${lost.join('')}`;
  });
}

describe('the lineage of a profile', () => {
  const crm = fragment(
    'crm',
    3,
    { city: 'Rome', phone: '1', tier: 'none' },
    { updatedAt: 1, updatedPosition: '01', paths: ['city', 'phone'] },
  );
  const loyalty = fragment('loyalty', 2, { city: 'Oslo', tier: 'gold' });

  it('says of each leaf who won, when that value came, by which rule, and who lost', () => {
    expect(told([loyalty, crm], NEWEST)).toEqual([
      'city = "Rome" of crm at 1 (newestUpdate); loyalty had "Oslo" (newestUpdate)',
      'phone = "1" of crm at 1 (only)',
      'tier = "none" of crm at 3 (newestUpdate); loyalty had "gold" (newestUpdate)',
    ]);
    expect(told([loyalty, crm], { ...NEWEST, granularity: 'field' })).toEqual([
      'city = "Oslo" of loyalty at 2 (newestChange); crm had "Rome" (newestChange)',
      'phone = "1" of crm at 1 (only)',
      'tier = "none" of crm at 3 (newestChange); loyalty had "gold" (newestChange)',
    ]);
  });

  it('tells the order of datasets from times, and equal times from both', () => {
    const older = fragment('loyalty', 1, { city: 'Bonn' });
    const same = { ...older, state: { ...older.state, updatedPosition: '00', attributes: { city: 'Kyiv' } } };
    const merge: AttributeMerge = { type: 'dataSetPrecedence', order: ['loyalty', 'crm'], granularity: 'fragment' };
    expect(told([crm, same, older, loyalty], merge)[0]).toBe(
      'city = "Oslo" of loyalty at 2 (newestUpdate); loyalty had "Bonn" (newestUpdate); ' +
        'loyalty had "Kyiv" (newestUpdate); crm had "Rome" (dataSetPrecedence)',
    );
    expect(told([same, older], merge)).toEqual([
      'city = "Bonn" of loyalty at 1 (logPosition); loyalty had "Kyiv" (logPosition)',
    ]);
  });

  it('names a scalar that lost further up at every leaf of the object that beat it', () => {
    const object = fragment('crm', 2, { home: { city: 'Rome', zip: '1' } });
    const scalar = fragment('loyalty', 1, { home: 'Oslo' });
    expect(told([scalar, object], NEWEST)).toEqual([
      'home.city = "Rome" of crm at 2 (newestUpdate); loyalty had "Oslo" at home (newestUpdate)',
      'home.zip = "1" of crm at 2 (newestUpdate); loyalty had "Oslo" at home (newestUpdate)',
    ]);
    const newer = fragment('loyalty', 3, { home: 'Oslo' });
    expect(told([newer, object], NEWEST)).toEqual([
      'home = "Oslo" of loyalty at 3 (newestUpdate); crm had {"city":"Rome","zip":"1"} (newestUpdate)',
    ]);
  });

  it('goes entry by entry through identities and segments', () => {
    const at = (day: number) => ({ lastQualificationTime: `2026-01-0${day}T00:00:00Z` });
    const newer = fragment(
      'crm',
      3,
      { identityMap: { Email: [{ id: 'a' }] }, segmentMembership: { ups: { s1: at(1), s2: at(1) } } },
      { updatedAt: 1, updatedPosition: '01', paths: ['identityMap.Email'] },
    );
    const older = fragment('loyalty', 2, {
      identityMap: { Email: [{ id: 'b' }, { id: 'a', primary: true }] },
      segmentMembership: { ups: { s1: at(2), s2: at(1) } },
    });
    expect(told([newer, older], NEWEST)).toEqual([
      'identityMap.Email[0] = {"id":"a"} of crm at 1 (union); ' +
        'loyalty had {"id":"a","primary":true} at identityMap.Email (newestUpdate)',
      'identityMap.Email[1] = {"id":"b"} of loyalty at 2 (union)',
      `segmentMembership.ups.s1 = ${JSON.stringify(at(2))} of loyalty at 2 (newestQualification); ` +
        `crm had ${JSON.stringify(at(1))} (newestQualification)`,
      `segmentMembership.ups.s2 = ${JSON.stringify(at(1))} of crm at 3 (newestUpdate); ` +
        `loyalty had ${JSON.stringify(at(1))} (newestUpdate)`,
    ]);
  });
});
