import type { IdentityRef } from '#core';

import type { LinkOrder } from './graph-rules.js';
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
export function running<Link extends GraphLink>(
  links: readonly Link[],
  count: number,
  order: LinkOrder,
): readonly Link[] {
  return links.length <= count ? links : links.toSorted(order).slice(0, count);
}
