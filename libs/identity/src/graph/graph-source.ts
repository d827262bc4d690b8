import type { IdentityRef } from '#core';

import type { GraphIdentity, GraphLink, LinkState } from './graph.js';

/** A link together with what became of it when it was last evaluated. */
export interface StoredLink extends GraphLink {
  /** `undefined`: it never was. */
  readonly state: LinkState | undefined;
}

/** A link before and after; one that is new has no `before`, one that is gone no `after`. */
export type LinkChange =
  | { readonly before: StoredLink; readonly after: GraphLink }
  | { readonly before: undefined; readonly after: GraphLink }
  | { readonly before: StoredLink; readonly after: undefined };

/** It was evaluated, and was not blocked: under settings that stand it is blocked now by hand only. */
export function wasFree({ before }: LinkChange): boolean {
  return before?.state !== undefined && before.state.state !== 'blocked';
}

export function endsOf({ before, after }: LinkChange): readonly [IdentityRef, IdentityRef] {
  const { a, b } = after ?? before;
  return [a, b];
}

/** What step 2 makes of the links: a cluster before any identity has to leave. */
export interface GraphComponent {
  readonly members: readonly IdentityRef[];
  /** False: it was evaluated under other settings, or what is stored of it cannot be trusted. */
  readonly current: boolean;
}

/** Which links of an identity are asked for: the `newest` that are considered first, or all when it has fewer. */
export interface LinkRequest {
  readonly end: IdentityRef;
  /** `Infinity`: all. */
  readonly newest: number;
}

/**
 * What is known of a graph. Components and states are as they were before the changes, links and their counts as they
 * are with them. Every function is asked for many at once, and only for what an answer needs.
 */
export interface GraphSource {
  identities(refs: readonly IdentityRef[]): Promise<Iterable<GraphIdentity>>;
  /** The component of each. An identity that has none yet is one of its own, and current. */
  components(refs: readonly IdentityRef[]): Promise<ReadonlyMap<IdentityRef, GraphComponent>>;
  /** How many links each has, whatever became of them. */
  linkCounts(refs: readonly IdentityRef[]): Promise<ReadonlyMap<IdentityRef, number>>;
  /**
   * By end. An answer of fewer than `newest` links says that there are no others; a longer one holds, in any order, at
   * least the first `newest` as `newestAtAnEnd` has them.
   */
  links(requests: readonly LinkRequest[]): Promise<ReadonlyMap<IdentityRef, readonly StoredLink[]>>;
}
