import type { IdentityRef } from '#core';

import { limitClusters, membersByRoot } from './evaluate-graph.js';
import { blockOf } from './graph-rules.js';
import type { GraphComponent, StoredLink } from './graph-source.js';
import { BEYOND_CANDIDATES, isSameState, otherEnd, wasCandidate, wasJoined, type LinkState } from './graph.js';
import type { LoadedGraph } from './loaded-graph.js';
import { reachRegion } from './reach-region.js';
import { clashCode, doClash, uniqueClusters, uniqueMembers } from './unique-clusters.js';
import type { UniqueClusters, UniqueMembers } from './unique-clusters.js';

/** A cluster of step 2 and what step 3 makes of it. */
export interface EvaluatedComponent {
  readonly members: readonly IdentityRef[];
  readonly clusters: readonly (readonly IdentityRef[])[];
}

export interface EvaluatedRegion {
  readonly members: ReadonlySet<IdentityRef>;
  readonly components: readonly EvaluatedComponent[];
  /** Of links with an end among the members, where it is not the stored one; by the key of the link. */
  readonly states: ReadonlyMap<string, LinkState>;
}

/**
 * Evaluates components anew, and with them as few others as the result needs.
 *
 * The region is a set of components that holds both ends of every link that changed or came into the running. The
 * candidates that leave it are all excluded so far. Step 2 takes them again, each at its turn: where the cluster inside
 * clashes with the outer end alone, it clashes with every cluster in which that end can be by then. Else the outer
 * component takes part in step 2, with the links that it is made of (the halo).
 *
 * Why that is enough, link by link in the order in which step 2 would take all links of the graph: as long as every
 * link that leaves the region is excluded, clusters inside grow from links inside only, and clusters outside grow as
 * they did before. So a link inside is decided as here, one outside as before, and one that leaves the region meets the
 * clusters that it meets here. When one of those is taken after all, or a component of the halo comes out as another,
 * then that component changes: it becomes part of the region, and step 2 begins again. The region only grows, so this
 * ends.
 */
export async function reevaluateRegion(start: Iterable<GraphComponent>, graph: LoadedGraph): Promise<EvaluatedRegion> {
  const region = new Set(start);
  const halo = new Set<GraphComponent>();
  for (;;) {
    await reachRegion(region, graph);
    for (const component of region) halo.delete(component);
    const candidates = candidatesOf(region, graph);
    const parts = await joinWithHalo(candidates, halo, graph);
    const changed = [...halo].filter((component) => !isWhole(component, parts));
    if (changed.length === 0) return await conclude(candidates, parts, graph);
    for (const component of changed) region.add(component);
  }
}

/** The candidates with an end in the region. */
interface Candidates {
  readonly members: ReadonlySet<IdentityRef>;
  readonly inside: ReadonlyMap<string, StoredLink>;
  readonly leaving: ReadonlyMap<string, LeavingLink>;
}

interface LeavingLink {
  readonly link: StoredLink;
  readonly inner: IdentityRef;
  readonly outer: IdentityRef;
}

function candidatesOf(region: Iterable<GraphComponent>, graph: LoadedGraph): Candidates {
  const members = new Set([...region].flatMap((component) => component.members));
  const inside = new Map<string, StoredLink>();
  const leaving = new Map<string, LeavingLink>();
  for (const inner of members) {
    const keys = graph.runningAt(inner);
    for (const link of graph.linksOf(inner)) {
      if (!keys.has(link.key)) continue;
      const outer = otherEnd(link, inner);
      if (!members.has(outer)) {
        // Else the region would have reached its other end, if it was in the running there.
        if (wasCandidate(graph.stateOf(link))) leaving.set(link.key, { link, inner, outer });
      } else if (graph.runningAt(outer).has(link.key)) inside.set(link.key, link);
    }
  }
  return { members, inside, leaving };
}

/** Step 2. Adds to the halo what has to take part. */
async function joinWithHalo(
  { inside, leaving }: Candidates,
  halo: Set<GraphComponent>,
  graph: LoadedGraph,
): Promise<UniqueClusters> {
  const own = [...inside.values(), ...[...leaving.values()].map(({ link }) => link)];
  for (;;) {
    const links = new Map(own.map((link) => [link.key, link]));
    for (const component of halo) for (const link of joinedIn(component, graph)) links.set(link.key, link);
    const parts = uniqueClusters(graph.identities, graph.rules);
    const undecided = new Set<IdentityRef>();
    for (const { key, a, b } of [...links.values()].sort(graph.order)) {
      const far = leaving.get(key);
      if (far !== undefined && !graph.isIn(halo, far.outer)) {
        const alone = uniqueMembers([far.outer], graph.identities, graph.rules);
        if (!doClash(parts.uniqueOf(far.inner), alone)) undecided.add(far.outer);
      } else if (!parts.clash(a, b)) parts.join(a, b);
    }
    if (undecided.size === 0) return parts;
    await graph.loadComponents(undecided);
    const joining = new Set([...undecided].map((ref) => graph.componentOf(ref)));
    await graph.loadLinks([...joining].flatMap((component) => component.members));
    for (const component of joining) halo.add(component);
  }
}

/** The links that a component is made of. */
function joinedIn({ members }: GraphComponent, graph: LoadedGraph): readonly StoredLink[] {
  return members.flatMap((ref) => [...graph.linksOf(ref)].filter((link) => wasJoined(graph.stateOf(link))));
}

function isWhole({ members }: GraphComponent, parts: UniqueClusters): boolean {
  const roots = new Set(members.map((ref) => parts.rootOf(ref)));
  return roots.size === 1 && members.every((ref) => parts.sizeOf(ref) === members.length);
}

/** Step 3, and what became of every link. */
async function conclude(
  { members, inside, leaving }: Candidates,
  parts: UniqueClusters,
  graph: LoadedGraph,
): Promise<EvaluatedRegion> {
  const byKey = new Map<string, LinkState>();
  const joined: StoredLink[] = [];
  for (const link of inside.values()) {
    const [one, other] = [parts.rootOf(link.a), parts.rootOf(link.b)];
    if (one === other) joined.push(link);
    else byKey.set(link.key, excluded(parts.uniqueOf(one), parts.uniqueOf(other), graph));
  }
  await explainLeaving([...leaving.values()], parts, graph, byKey);
  const clusters = membersByRoot(members, parts);
  const limited = limitClusters(clusters, joined, graph.identities, graph.rules, byKey);
  const states = new Map<string, LinkState>();
  for (const ref of members) {
    for (const link of graph.linksOf(ref)) {
      const state = blockOf(link, graph.identities, graph.rules) ?? byKey.get(link.key) ?? BEYOND_CANDIDATES;
      if (!isSameState(state, link.state)) states.set(link.key, state);
    }
  }
  const components = [...clusters].map(([root, all]) => ({ members: all, clusters: limited.get(root) ?? [all] }));
  return { members, components, states };
}

/**
 * Why the links that leave the region are excluded. Mostly that is clear from this side: there is one unique namespace
 * only, or it has those that it had. Else the other side has to be known.
 */
async function explainLeaving(
  leaving: readonly LeavingLink[],
  parts: UniqueClusters,
  graph: LoadedGraph,
  states: Map<string, LinkState>,
): Promise<void> {
  const unclear: LeavingLink[] = [];
  for (const one of leaving) {
    const { link, inner } = one;
    const state = graph.stateOf(link);
    const mine = parts.uniqueOf(inner);
    const { members, current } = graph.componentOf(inner);
    if (mine.size === 1) states.set(link.key, excluded(mine, mine, graph));
    else if (
      state?.state === 'excluded' &&
      current &&
      hasSameNamespaces(mine, uniqueMembers(members, graph.identities, graph.rules))
    )
      states.set(link.key, state);
    else unclear.push(one);
  }
  await graph.loadComponents(unclear.map(({ outer }) => outer));
  await graph.loadIdentities(unclear.flatMap(({ outer }) => graph.componentOf(outer).members));
  for (const { link, inner, outer } of unclear) {
    const theirs = uniqueMembers(graph.componentOf(outer).members, graph.identities, graph.rules);
    states.set(link.key, excluded(parts.uniqueOf(inner), theirs, graph));
  }
}

function excluded(one: UniqueMembers, other: UniqueMembers, { rules }: LoadedGraph): LinkState {
  return { state: 'excluded', reason: clashCode(one, other, rules) };
}

function hasSameNamespaces(one: UniqueMembers, other: UniqueMembers): boolean {
  return one.size === other.size && [...one.keys()].every((namespace) => other.has(namespace));
}
