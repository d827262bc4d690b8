import type { IdentityRef } from '#core';

import { limitClusters } from './evaluate-graph.js';
import { blockOf, graphRules } from './graph-rules.js';
import { endsOf, wasFree, type GraphSource, type LinkChange, type StoredLink } from './graph-source.js';
import { ACTIVE, isSameState, wasJoined, type GraphSettings, type LinkState } from './graph.js';
import { LoadedGraph } from './loaded-graph.js';
import { reevaluateRegion, type EvaluatedComponent } from './reevaluate-region.js';
import { isPlainUnion, loadUnions, type ComponentUnion } from './union-of-components.js';

/** What is to be evaluated. */
export interface GraphChanges {
  /** Each link once. */
  readonly links: readonly LinkChange[];
  /** Identities whose components are to be current afterwards, although none of their links changed. */
  readonly refresh?: readonly IdentityRef[];
}

/** What is different from what the source has. */
export interface ReevaluatedGraph {
  /** Components that changed or had to be evaluated whole. They replace all those in which their members were. */
  readonly components: readonly EvaluatedComponent[];
  /** States that differ from the stored ones, by the key of the link. */
  readonly states: ReadonlyMap<string, LinkState>;
}

/**
 * Brings a graph up to date and looks only at what the changes can reach. Afterwards it is what `evaluateGraph` makes of
 * all its links. Most changes only join components or make them no other (`isPlainUnion`): no link is loaded for them,
 * unless there are more members than the limit.
 */
export async function reevaluateGraph(
  { links, refresh = [] }: GraphChanges,
  source: GraphSource,
  settings: GraphSettings,
): Promise<ReevaluatedGraph> {
  const graph = new LoadedGraph(source, graphRules(settings), links);
  const states = new Map<string, LinkState>();
  await graph.loadIdentities(links.filter((change) => !wasFree(change)).flatMap(endsOf));
  const effective = links.filter((change) => !staysBlocked(change, graph, states));

  const unions = await loadUnions(effective, refresh, graph);
  const plain = new Set(unions.filter((union) => isPlainUnion(union, graph)));
  // First, so that the others find them done.
  for (const union of plain) joinUnion(union, graph);
  const region = await reevaluateRegion(
    unions.filter((union) => !plain.has(union)).flatMap((union) => [...union.components]),
    graph,
  );
  const left = [...plain].filter(({ members: [first] }) => first === undefined || !region.members.has(first));
  const components = [...region.components, ...(await concludeUnions(left, graph, states))];
  return { components, states: new Map([...states, ...region.states]) };
}

/** Of a link that is blocked now and was not in use before nothing but its state can change. */
function staysBlocked(change: LinkChange, graph: LoadedGraph, states: Map<string, LinkState>): boolean {
  const { before, after } = change;
  if (after === undefined || wasFree(change)) return false;
  const block = blockOf(after, graph.identities, graph.rules);
  if (block === undefined || (before !== undefined && before.state?.state !== 'blocked')) return false;
  if (!isSameState(block, before?.state)) states.set(after.key, block);
  return true;
}

function joinUnion({ members, components, changes }: ComponentUnion, graph: LoadedGraph): void {
  if (components.size > 1) graph.place({ members, current: true });
  for (const { after } of changes) if (after !== undefined) graph.settle(after.key, ACTIVE);
}

/** Step 3 for plain unions. */
async function concludeUnions(
  unions: readonly ComponentUnion[],
  graph: LoadedGraph,
  states: Map<string, LinkState>,
): Promise<readonly EvaluatedComponent[]> {
  const { limit } = graph.rules;
  const small = unions.filter(({ members }) => members.length <= limit);
  const large = new Map(unions.filter(({ members }) => members.length > limit).map((union) => [union, union.members]));
  for (const { changes } of small) {
    for (const { before, after } of changes) {
      if (after !== undefined && !isSameState(ACTIVE, before?.state)) states.set(after.key, ACTIVE);
    }
  }
  const joined = new Map<string, StoredLink>();
  await graph.loadLinks([...large.values()].flat());
  for (const members of large.values()) {
    for (const ref of members) {
      for (const link of graph.linksOf(ref)) if (wasJoined(graph.stateOf(link))) joined.set(link.key, link);
    }
  }
  const limited = new Map<string, LinkState>();
  const clusters = limitClusters(large, [...joined.values()], graph.identities, graph.rules, limited);
  for (const [key, state] of limited) if (!isSameState(state, joined.get(key)?.state)) states.set(key, state);
  return [
    ...small.filter(({ components }) => components.size > 1).map(({ members }) => ({ members, clusters: [members] })),
    ...[...clusters].map(([{ members }, parts]) => ({ members, clusters: parts })),
  ];
}
