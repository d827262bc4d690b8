import type { IdType } from '#catalog';
import type { IdentityRef } from '#core';

import { compare, known, type Identities } from './graph-rules.js';
import { otherEnd, type GraphLink } from './graph.js';
import { priorityQueue } from './priority-queue.js';

/** What step 3 makes of one cluster. */
export interface LimitedCluster {
  /** Identities that left, each of them a cluster of its own. */
  readonly evicted: ReadonlySet<IdentityRef>;
  readonly clusters: readonly (readonly IdentityRef[])[];
}

const NOBODY: ReadonlySet<IdentityRef> = new Set();

/**
 * Step 3: while a cluster is over the limit, its worst identity leaves with its links, and what falls apart is split.
 * The worst is of the type that leaves first, then that whose newest remaining link is the oldest, then the first by
 * namespace and value.
 *
 * Parts share no links, so the worst of all identities that are left is the worst of its own part, and one queue
 * serves all parts. Whether its part is over the limit is asked only then, and no more of a part is walked than the
 * limit and one.
 *
 * `members`: a cluster as step 2 leaves it; `links`: those that it is made of.
 */
export function limitCluster(
  members: readonly IdentityRef[],
  links: Iterable<GraphLink>,
  identities: Identities,
  limit: number,
): LimitedCluster {
  if (members.length <= limit) return { evicted: NOBODY, clusters: [members] };
  const neighbours = new Map<IdentityRef, Neighbours>(members.map((ref) => [ref, { links: [], next: 0 }]));
  for (const link of links) for (const end of [link.a, link.b]) neighbours.get(end)?.links.push(link);
  for (const { links: own } of neighbours.values()) own.sort((one, other) => other.last - one.last);

  const evicted = new Set<IdentityRef>();
  const settled = new Set<IdentityRef>();
  const clusters: (readonly IdentityRef[])[] = [];
  const queue = priorityQueue<Leaver>(worstFirst);
  /** The newest association that is left. It only ever gets older. */
  const lastOf = (ref: IdentityRef): number => {
    const own = neighbours.get(ref) as Neighbours;
    for (let link = own.links[own.next]; link !== undefined; link = own.links[++own.next]) {
      if (!evicted.has(otherEnd(link, ref))) return link.last;
    }
    return Number.NEGATIVE_INFINITY;
  };
  const enqueue = (ref: IdentityRef) => {
    const { namespace, id, idType } = known(identities, ref);
    queue.push({ ref, namespace, id, type: leavesAs(idType), last: lastOf(ref) });
  };
  for (const ref of members) enqueue(ref);

  for (let worst = queue.pop(); worst !== undefined; worst = queue.pop()) {
    const { ref } = worst;
    // Done. Of several entries of one identity the last that was made comes first: its time only gets older.
    if (evicted.has(ref) || settled.has(ref)) continue;
    const part = partOf(ref, neighbours, evicted, limit + 1);
    if (part.size <= limit) {
      for (const member of part) settled.add(member);
      clusters.push([...part]);
      continue;
    }
    const left = remaining(ref, neighbours, evicted);
    const before = left.map(lastOf);
    evicted.add(ref);
    clusters.push([ref]);
    for (const [index, neighbour] of left.entries()) if (lastOf(neighbour) !== before[index]) enqueue(neighbour);
  }
  return { evicted, clusters };
}

interface Neighbours {
  /** Newest first. */
  readonly links: GraphLink[];
  /** The newest link of which the other end may still be there: those before it are gone. */
  next: number;
}

interface Leaver {
  readonly ref: IdentityRef;
  readonly type: number;
  readonly last: number;
  readonly namespace: string;
  readonly id: string;
}

/** Cookies leave before devices, and those before whatever a person keeps. */
function leavesAs(idType: IdType): number {
  return idType === 'COOKIE' ? 0 : idType === 'DEVICE' ? 1 : 2;
}

function worstFirst(one: Leaver, other: Leaver): number {
  if (one.type !== other.type) return one.type - other.type;
  if (one.last !== other.last) return one.last < other.last ? -1 : 1;
  return compare(one.namespace, other.namespace) || compare(one.id, other.id);
}

/** The part in which `start` is, or as many of its members as `most`. */
function partOf(
  start: IdentityRef,
  neighbours: ReadonlyMap<IdentityRef, Neighbours>,
  evicted: ReadonlySet<IdentityRef>,
  most: number,
): ReadonlySet<IdentityRef> {
  const found = new Set([start]);
  for (const ref of found) {
    for (const link of neighbours.get(ref)?.links ?? []) {
      const end = otherEnd(link, ref);
      if (evicted.has(end)) continue;
      found.add(end);
      if (found.size >= most) return found;
    }
  }
  return found;
}

function remaining(
  ref: IdentityRef,
  neighbours: ReadonlyMap<IdentityRef, Neighbours>,
  evicted: ReadonlySet<IdentityRef>,
): readonly IdentityRef[] {
  const ends = neighbours.get(ref)?.links.map((link) => otherEnd(link, ref)) ?? [];
  return ends.filter((end) => !evicted.has(end));
}
