import type { IdentityRef } from '#core';

import { compare } from './graph-rules.js';
import type { GraphLink } from './graph.js';

/** Links by each of their ends. */
export function linksByEnd<Link extends GraphLink>(links: Iterable<Link>): Map<IdentityRef, Link[]> {
  const byEnd = new Map<IdentityRef, Link[]>();
  for (const link of links) {
    for (const end of [link.a, link.b]) {
      const list = byEnd.get(end);
      if (list === undefined) byEnd.set(end, [link]);
      else list.push(link);
    }
  }
  return byEnd;
}

/**
 * Step 1, second half, seen from one end: which of its links, none of them blocked, are in the running. A link is a
 * candidate when it is so at both its ends.
 */
export function running<Link extends GraphLink>(links: readonly Link[], count: number): readonly Link[] {
  return links.length <= count ? links : links.toSorted(newestAtAnEnd).slice(0, count);
}

/**
 * The order in which an end considers its links: newest association first; of equal ones that of the greater key. Nothing
 * but what an index can keep in order has a part in it, so that the first few of ten thousand can be read alone.
 */
export function newestAtAnEnd(one: Pick<GraphLink, 'key' | 'last'>, other: Pick<GraphLink, 'key' | 'last'>): number {
  return other.last - one.last || compare(other.key, one.key);
}
