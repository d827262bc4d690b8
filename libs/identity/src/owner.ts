import type { IdentityClaim } from './identity-claims.js';
import { normaliseValue } from './identity-value.js';

/** Which claim owns the item, or that none or more than one does. */
export type OwnerDecision =
  | { readonly outcome: 'decided'; readonly claim: IdentityClaim }
  | { readonly outcome: 'missing' }
  | { readonly outcome: 'ambiguous'; readonly claims: readonly IdentityClaim[] };

/**
 * The primary identity: the schema's primary descriptor, if the item has a value for it; else the entry of its
 * `identityMap` that says `primary: true`. So a descriptor beats an entry, and two different entries decide
 * nothing. `claims` are those that may own, descriptors first.
 *
 * (Events go by the sandbox's namespace priorities before they come here, once there are such settings.)
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
