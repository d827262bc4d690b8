import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { propertyRuns } from '../../../test/support/property-runs.js';
import { joinClusters } from './clusters.js';

/** The same, without cleverness: joins two groups that share a member until none do. */
function joinNaively(groups: readonly (readonly string[])[]): Set<string>[] {
  let parts = groups.filter((group) => group.length > 0).map((group) => new Set(group));
  for (;;) {
    const pair = parts.flatMap((one, i) => parts.slice(i + 1).map((other) => [one, other] as const));
    const touching = pair.find(([one, other]) => [...one].some((member) => other.has(member)));
    if (touching === undefined) return parts;
    parts = [...parts.filter((part) => !touching.includes(part)), new Set([...touching[0], ...touching[1]])];
  }
}

const sorted = (parts: Iterable<Iterable<string>>): string[][] =>
  [...parts].map((part) => [...part].sort()).sort((a, b) => ((a[0] ?? '') < (b[0] ?? '') ? -1 : 1));

describe('joining clusters', () => {
  it('joins what shares a member, over any number of steps', () => {
    expect(joinClusters([['a', 'b'], ['c', 'd'], ['e'], ['b', 'c']])).toEqual([['a', 'b', 'c', 'd'], ['e']]);
  });

  it('gives the partition that joining pair by pair gives', () => {
    const group = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'), { maxLength: 4 });
    fc.assert(
      fc.property(fc.array(group, { maxLength: 12 }), (groups) => {
        expect(sorted(joinClusters(groups))).toEqual(sorted(joinNaively(groups)));
      }),
      propertyRuns(100),
    );
  });

  it('takes a chain of a hundred thousand without recursion', () => {
    const chain = Array.from({ length: 100_000 }, (_, i) => [`m${String(i)}`, `m${String(i + 1)}`]);
    expect(joinClusters(chain)).toHaveLength(1);
  });
});
