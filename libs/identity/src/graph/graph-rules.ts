import { namespaceKey } from '#catalog';
import type { IdentityRef } from '#core';

import { isBlocked } from '../blocked-values.js';
import type { GraphIdentity, GraphLink, GraphSettings, LinkState } from './graph.js';

/** Identities that a function needs, by their ref. */
export type Identities = ReadonlyMap<IdentityRef, GraphIdentity>;

/** Settings in the form in which the steps ask them. */
export interface GraphRules {
  readonly limit: number;
  readonly candidates: number;
  readonly hasUnique: boolean;
  /** Whether a cluster holds one identity of this namespace at most. */
  isUnique(namespace: string): boolean;
  /** Place of a namespace in the priorities, from 1; those that are not listed share the place after the last. */
  rankOf(namespace: string): number;
  isBlocked(identity: GraphIdentity): boolean;
}

export function graphRules({ unique, priority, limit, candidates, blockedValues }: GraphSettings): GraphRules {
  const uniqueKeys = new Set([...unique].map(namespaceKey));
  const ranks = new Map<string, number>();
  for (const [index, code] of priority.entries()) {
    const key = namespaceKey(code);
    if (!ranks.has(key)) ranks.set(key, index + 1);
  }
  return {
    limit,
    candidates,
    hasUnique: uniqueKeys.size > 0,
    isUnique: (namespace) => uniqueKeys.size > 0 && uniqueKeys.has(namespaceKey(namespace)),
    rankOf: (namespace) => ranks.get(namespaceKey(namespace)) ?? priority.length + 1,
    isBlocked: ({ id }) => isBlocked(blockedValues, id),
  };
}

/** Step 1, first half: why a link is blocked; `undefined` when it is not. */
export function blockOf(
  { a, b, blocked }: Pick<GraphLink, 'a' | 'b' | 'blocked'>,
  identities: Identities,
  rules: GraphRules,
): Extract<LinkState, { state: 'blocked' }> | undefined {
  if (blocked) return { state: 'blocked', reason: 'hand' };
  if (rules.isBlocked(known(identities, a)) || rules.isBlocked(known(identities, b)))
    return { state: 'blocked', reason: 'value' };
  return undefined;
}

/** Orders two links. Total: no two links are equal, as their keys differ. */
export type LinkOrder = (
  one: Pick<GraphLink, 'key' | 'a' | 'b' | 'last' | 'seen'>,
  other: Pick<GraphLink, 'key' | 'a' | 'b' | 'last' | 'seen'>,
) => number;

/**
 * The order in which links are considered: newest association first; of equal ones that of the lower sum of namespace
 * priorities, then that which the log saw first.
 */
export function newestFirst(identities: Identities, rules: GraphRules): LinkOrder {
  const rankOf = (ref: IdentityRef) => rules.rankOf(known(identities, ref).namespace);
  return (one, other) => {
    if (one.last !== other.last) return one.last > other.last ? -1 : 1;
    const ranks = rankOf(one.a) + rankOf(one.b) - rankOf(other.a) - rankOf(other.b);
    return ranks !== 0 ? ranks : compare(one.seen, other.seen) || compare(one.key, other.key);
  };
}

/** Texts by code unit, independent of any locale. */
export function compare(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1;
}

/** Throws when the end of a link is not among the identities: they were not all handed in. */
export function known(identities: Identities, ref: IdentityRef): GraphIdentity {
  const identity = identities.get(ref);
  if (identity === undefined) throw new TypeError(`the graph was not given the identity ${ref}`);
  return identity;
}
