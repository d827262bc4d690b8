import { describe, expect, it } from '@jest/globals';
import {
  fillClusters,
  IdentityItems,
  overfillClusters,
  repeatInClusters,
  visits,
  type Pair,
} from './identity-items.js';
import type { ClusterScale } from './identity-scales.js';

const SCALE: ClusterScale = { limit: 50, clusters: 3, inner: 4, fullItems: 200, overItems: 20 };

function keyOf({ owner, other }: Pair): string {
  return `${owner.join(':')} ${other.join(':')}`;
}

describe('what the identity scenario sends', () => {
  it('fills each cluster to its limit, and no identity has more links than are considered', () => {
    const pairs = [...fillClusters(SCALE)];
    const links = new Map<string, number>();
    for (const { owner, other } of pairs) {
      for (const end of [owner.join(':'), other.join(':')]) links.set(end, (links.get(end) ?? 0) + 1);
    }
    expect(new Set(pairs.map(keyOf)).size).toBe(3 * 49);
    expect(links.size).toBe(3 * 50);
    expect(Math.max(...links.values())).toBeLessThan(200);
  });

  it('repeats links that are there, and brings browsers that are not', () => {
    const items = new IdentityItems();
    const there = new Set([...fillClusters(SCALE)].map(keyOf));
    expect([...repeatInClusters(items, SCALE)].filter((pair) => !there.has(keyOf(pair)))).toEqual([]);
    expect([...overfillClusters(items, SCALE)].filter((pair) => there.has(keyOf(pair)))).toEqual([]);
  });

  it('is the same in every run', () => {
    const bodies = () => {
      const items = new IdentityItems();
      return items.events(visits(items, 10, 5, 2), 4).map(({ body }) => new TextDecoder().decode(body));
    };
    expect(bodies()).toHaveLength(3);
    expect(bodies()).toEqual(bodies());
  });
});
