import type { IdentityRef } from '#core';

import { linksByEnd, running } from './candidates.js';
import { blockOf, graphRules, newestFirst, type GraphRules, type Identities } from './graph-rules.js';
import { ACTIVE, BEYOND_CANDIDATES, BEYOND_LIMIT, type GraphIdentity, type GraphLink } from './graph.js';
import type { GraphSettings, LinkState } from './graph.js';
import { limitCluster } from './limit.js';
import { clashCode, uniqueClusters, type UniqueClusters } from './unique-clusters.js';

/** A graph after its three steps. */
export interface EvaluatedGraph {
  /** Every identity is in exactly one. */
  readonly clusters: readonly (readonly IdentityRef[])[];
  /** Of every link, by its key. */
  readonly states: ReadonlyMap<string, LinkState>;
}

/**
 * Recomputes a graph from all its links. The result is a pure function of the three: neither the order of the lists nor
 * the way in which the graph came about has a part in it.
 */
export function evaluateGraph(
  identities: Iterable<GraphIdentity>,
  links: Iterable<GraphLink>,
  settings: GraphSettings,
): EvaluatedGraph {
  const rules = graphRules(settings);
  const byRef = new Map([...identities].map((identity) => [identity.ref, identity]));
  const states = new Map<string, LinkState>();
  const candidates = candidatesAmong(links, byRef, rules, states);
  const parts = uniqueClusters(byRef, rules);
  const excluded = joinInOrder(candidates, parts);
  for (const { key, a, b } of excluded) {
    states.set(key, { state: 'excluded', reason: clashCode(parts.uniqueOf(a), parts.uniqueOf(b), rules) });
  }
  const joined = candidates.filter(({ key }) => !states.has(key));
  const clusters = limitClusters(membersByRoot(byRef.keys(), parts), joined, byRef, rules, states);
  return { clusters: [...clusters.values()].flat(), states };
}

/** Step 1: the candidates in the order of step 2. `states` takes what became of the others. */
function candidatesAmong(
  links: Iterable<GraphLink>,
  identities: Identities,
  rules: GraphRules,
  states: Map<string, LinkState>,
): readonly GraphLink[] {
  const order = newestFirst(identities, rules);
  const free: GraphLink[] = [];
  for (const link of links) {
    const block = blockOf(link, identities, rules);
    if (block === undefined) free.push(link);
    else states.set(link.key, block);
  }
  const ends = new Map<GraphLink, number>();
  for (const own of linksByEnd(free).values()) {
    for (const link of running(own, rules.candidates)) ends.set(link, (ends.get(link) ?? 0) + 1);
  }
  const isCandidate = (link: GraphLink) => ends.get(link) === 2;
  for (const link of free) if (!isCandidate(link)) states.set(link.key, BEYOND_CANDIDATES);
  return free.filter(isCandidate).sort(order);
}

/** Step 2: joins what the links, in their order, may join. Answers the links that were left out. */
function joinInOrder(candidates: readonly GraphLink[], parts: UniqueClusters): readonly GraphLink[] {
  return candidates.filter(({ a, b }) => {
    if (parts.clash(a, b)) return true;
    parts.join(a, b);
    return false;
  });
}

/** The clusters of step 2, by the member that stands for each. */
export function membersByRoot(
  refs: Iterable<IdentityRef>,
  parts: UniqueClusters,
): ReadonlyMap<IdentityRef, readonly IdentityRef[]> {
  const members = new Map<IdentityRef, IdentityRef[]>();
  for (const ref of refs) {
    const root = parts.rootOf(ref);
    const list = members.get(root);
    if (list === undefined) members.set(root, [ref]);
    else list.push(ref);
  }
  return members;
}

/**
 * Step 3 on clusters of step 2, and what it makes of each, by the same keys. `joined`: the links that step 2 took, with
 * both ends in one of the clusters; `states` takes what becomes of them.
 */
export function limitClusters<Key>(
  clusters: ReadonlyMap<Key, readonly IdentityRef[]>,
  joined: readonly GraphLink[],
  identities: Identities,
  { limit }: GraphRules,
  states: Map<string, LinkState>,
): ReadonlyMap<Key, readonly (readonly IdentityRef[])[]> {
  const keyOf = new Map<IdentityRef, Key>();
  for (const [key, members] of clusters) if (members.length > limit) for (const ref of members) keyOf.set(ref, key);
  const inside = new Map<Key, GraphLink[]>();
  for (const link of joined) {
    const key = keyOf.get(link.a);
    if (key === undefined) {
      states.set(link.key, ACTIVE);
      continue;
    }
    const list = inside.get(key);
    if (list === undefined) inside.set(key, [link]);
    else list.push(link);
  }
  const limited = new Map<Key, readonly (readonly IdentityRef[])[]>();
  for (const [key, members] of clusters) {
    const links = inside.get(key) ?? [];
    const { evicted, clusters: parts } = limitCluster(members, links, identities, limit);
    limited.set(key, parts);
    for (const link of links) {
      states.set(link.key, evicted.has(link.a) || evicted.has(link.b) ? BEYOND_LIMIT : ACTIVE);
    }
  }
  return limited;
}
