import type { IdentityRef } from '#core';

import { joinClusters } from '../clusters.js';
import { blockOf } from './graph-rules.js';
import { endsOf, wasFree, type GraphComponent, type LinkChange } from './graph-source.js';
import { wasJoined } from './graph.js';
import type { LoadedGraph } from './loaded-graph.js';
import { compareNamespaces, uniqueMembers, type UniqueMembers } from './unique-clusters.js';

/** Components that changed links would make one, if nothing spoke against it. */
export interface ComponentUnion {
  readonly members: readonly IdentityRef[];
  readonly components: ReadonlySet<GraphComponent>;
  /** Changes with an end in it. */
  readonly changes: ReadonlySet<LinkChange>;
}

/** Every component at an end of a change, and those of the `ends`. */
export async function loadUnions(
  changes: readonly LinkChange[],
  ends: readonly IdentityRef[],
  graph: LoadedGraph,
): Promise<readonly ComponentUnion[]> {
  const changed = changes.flatMap(endsOf);
  await graph.loadComponents([...changed, ...ends]);
  await graph.loadLinkCounts(changes.filter((change) => !wasTaken(change)).flatMap(endsOf));
  const touched = new Set([...changed, ...ends].map((ref) => graph.componentOf(ref)));
  const groups = [...touched].map(({ members }) => members);
  for (const change of changes) if (change.after !== undefined) groups.push(endsOf(change));
  const changesAt = new Map<IdentityRef, LinkChange[]>();
  for (const change of changes) {
    for (const end of endsOf(change)) {
      const list = changesAt.get(end);
      if (list === undefined) changesAt.set(end, [change]);
      else list.push(change);
    }
  }
  const unions = joinClusters(groups).map((members) => ({
    members,
    components: new Set(members.map((ref) => graph.componentOf(ref))),
    changes: new Set(members.flatMap((ref) => changesAt.get(ref) ?? [])),
  }));
  // Those of one component have no two members that clash.
  if (graph.rules.hasUnique) {
    await graph.loadIdentities(unions.flatMap(({ members, components }) => (components.size > 1 ? members : [])));
  }
  return unions;
}

/** Step 2 had taken the link: it was in the running at both its ends. */
function wasTaken({ before }: LinkChange): boolean {
  return wasJoined(before?.state);
}

/**
 * Whether the union is what step 2 makes of it, and no other component and no state of another link changes.
 *
 * It is so when links were only added, unblocked or moved forward in the order, nothing leaves the running at their ends,
 * and no two members clash. Nothing leaves it where an end has no more links than are considered, nor when a link moves
 * forward that was in it. For take the links in the order of step 2: at every turn the clusters hold what they held at that
 * turn before, and are parts of the components and of this union. So a link that was taken joins parts of one that has
 * no clash, and is taken; a link that was excluded meets the clash that it met, and is excluded. Every new link has
 * both its ends in the union, and is taken.
 *
 * Excluded links may only get another reason, when a component gets an identity of a namespace that ranks better.
 */
export function isPlainUnion(union: ComponentUnion, graph: LoadedGraph): boolean {
  const { components, changes } = union;
  if ([...components].some(({ current }) => !current)) return false;
  if ([...changes].some((change) => !comesEarlier(change, graph))) return false;
  if ([...changes].some((change) => !wasTaken(change) && isCrowded(change, graph))) return false;
  if (!graph.rules.hasUnique || components.size === 1) return true;
  const parts = [...components].map((component) => ({ component, unique: uniqueOf(component, graph) }));
  const namespaces = parts.flatMap(({ unique }) => [...unique.keys()]);
  if (new Set(namespaces).size < namespaces.length) return false;
  return !parts.some(({ component, unique }) => {
    const gained = parts.filter((other) => other.component !== component).map((other) => other.unique);
    return gained.some((other) => ranksBetter(other, unique, graph)) && mayHaveExcluded(component, graph);
  });
}

/** A link that is new, or was blocked, or has moved forward in the order if at all. */
function comesEarlier(change: LinkChange, graph: LoadedGraph): boolean {
  const { before, after } = change;
  if (after === undefined || after.blocked) return false;
  if (!wasFree(change) && blockOf(after, graph.identities, graph.rules) !== undefined) return false;
  if (before === undefined || before.state?.state === 'blocked') return true;
  return after.last > before.last || (after.last === before.last && after.seen <= before.seen);
}

/** Some link of its ends may not be in the running. */
function isCrowded(change: LinkChange, graph: LoadedGraph): boolean {
  return endsOf(change).some((end) => graph.hasMoreThanCandidates(end));
}

function uniqueOf({ members }: GraphComponent, { identities, rules }: LoadedGraph): UniqueMembers {
  return uniqueMembers(members, identities, rules);
}

/** Whether one of the namespaces would be named before one of those that could be named so far. */
function ranksBetter(gained: UniqueMembers, held: UniqueMembers, { rules }: LoadedGraph): boolean {
  return [...gained.values()].some((one) =>
    [...held.values()].some((other) => compareNamespaces(one.code, other.code, rules) < 0),
  );
}

/** Not an identity of which all links are among the changes: they are taken. */
function mayHaveExcluded({ members }: GraphComponent, graph: LoadedGraph): boolean {
  const [only] = members;
  return members.length > 1 || only === undefined || graph.linkCountOf(only) > graph.changesAt(only);
}
