import type { IdentityClaim } from './identity-claims.js';
import { normaliseValue } from './identity-value.js';

/** Which claim owns the item, or that none or more than one does. */
export type OwnerDecision =
  | { readonly outcome: 'decided'; readonly claim: IdentityClaim }
  | { readonly outcome: 'missing' }
  | { readonly outcome: 'ambiguous'; readonly claims: readonly IdentityClaim[] };

/** Ranks of namespaces by their code as defined; the lowest is the best. Those that are not listed are not in it. */
export type OwnerPriority = ReadonlyMap<string, number>;

/**
 * Who owns an event: the identity of the best namespace that is listed; of several the first. None is listed: as for a
 * record. `claims` are those that may own, descriptors first.
 */
export function decideOwnerOfEvent(claims: readonly IdentityClaim[], priority: OwnerPriority): OwnerDecision {
  let best: IdentityClaim | undefined;
  let bestRank = Number.POSITIVE_INFINITY;
  for (const claim of claims) {
    const rank = priority.get(claim.namespace.code);
    if (rank === undefined || rank >= bestRank) continue;
    best = claim;
    bestRank = rank;
  }
  return best === undefined ? decideOwner(claims) : { outcome: 'decided', claim: best };
}

/**
 * The primary identity: the schema's primary descriptor, if the item has a value for it; else the entry of its
 * `identityMap` that says `primary: true`. So a descriptor beats an entry, and two different entries decide
 * nothing. `claims` are those that may own, descriptors first.
 */
export function decideOwner(claims: readonly IdentityClaim[]): OwnerDecision {
  let best: IdentityClaim | undefined;
  for (const claim of claims) {
    if (!claim.primary) continue;
    if (claim.source === 'descriptor') return { outcome: 'decided', claim };
    if (best === undefined) best = claim;
    else if (!isSame(best, claim)) return { outcome: 'ambiguous', claims: [best, claim] };
  }
  return best === undefined ? { outcome: 'missing' } : { outcome: 'decided', claim: best };
}

function isSame(one: IdentityClaim, other: IdentityClaim): boolean {
  const { namespace } = one;
  if (namespace.code !== other.namespace.code) return false;
  return normaliseValue(namespace, one.value) === normaliseValue(namespace, other.value);
}
