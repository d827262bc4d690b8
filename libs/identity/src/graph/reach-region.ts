import type { IdentityRef } from '#core';

import type { GraphComponent, StoredLink } from './graph-source.js';
import { otherEnd, wasCandidate } from './graph.js';
import type { LoadedGraph } from './loaded-graph.js';

/**
 * Loads the links of a region and adds the components that they draw in: those at the other end of a link that came
 * into the running, and those that are not current at the other end of any link in the running. So a component that is
 * current never has a candidate in common with one that is not, and what is stored of a link between two of them counts.
 */
export async function reachRegion(region: Set<GraphComponent>, graph: LoadedGraph): Promise<void> {
  for (let added = [...region]; added.length > 0;) {
    const members = added.flatMap((component) => component.members);
    await graph.loadLinks(members);
    await graph.loadOtherEnds(members);
    const doubts = members.flatMap((ref) => doubtfulAt(ref, graph)).filter(({ outer }) => !graph.isIn(region, outer));
    const drawn = await drawnIn(doubts, graph);
    added = [...drawn].filter((component) => !region.has(component));
    for (const component of added) region.add(component);
  }
}

/** A link of a region and its end outside. */
interface Doubt {
  readonly link: StoredLink;
  readonly outer: IdentityRef;
}

/** Links in the running at an end of which the stored state does not tell whether they are candidates. */
function doubtfulAt(ref: IdentityRef, graph: LoadedGraph): readonly Doubt[] {
  const { current } = graph.componentOf(ref);
  // Nothing can have come into the running.
  if (current && graph.changesAt(ref) === 0) return [];
  const keys = graph.runningAt(ref);
  return [...graph.linksOf(ref)]
    .filter((link) => keys.has(link.key) && !(current && wasCandidate(graph.stateOf(link))))
    .map((link) => ({ link, outer: otherEnd(link, ref) }));
}

async function drawnIn(doubts: readonly Doubt[], graph: LoadedGraph): Promise<ReadonlySet<GraphComponent>> {
  await graph.loadComponents(doubts.map(({ outer }) => outer));
  const isCurrent = ({ outer }: Doubt) => graph.componentOf(outer).current;
  const asked = doubts.filter((doubt) => isCurrent(doubt) && !wasCandidate(graph.stateOf(doubt.link)));
  await loadRunning(
    asked.map(({ outer }) => outer),
    graph,
  );
  const drawing = [...doubts.filter((doubt) => !isCurrent(doubt)), ...asked.filter((doubt) => isRunning(doubt, graph))];
  return new Set(drawing.map(({ outer }) => graph.componentOf(outer)));
}

async function loadRunning(ends: readonly IdentityRef[], graph: LoadedGraph): Promise<void> {
  await graph.loadLinkCounts(ends);
  const hubs = ends.filter((end) => graph.hasMoreThanCandidates(end));
  await graph.loadLinks(hubs);
  await graph.loadOtherEnds(hubs);
}

function isRunning({ link, outer }: Doubt, graph: LoadedGraph): boolean {
  return !graph.hasMoreThanCandidates(outer) || graph.runningAt(outer).has(link.key);
}
