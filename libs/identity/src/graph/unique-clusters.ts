import { namespaceKey } from '#catalog';
import type { IdentityRef } from '#core';

import { compare, known, type GraphRules, type Identities } from './graph-rules.js';

/** The identities of unique namespaces in a cluster: ref by namespace. Codes as defined by namespace, for reasons. */
export type UniqueMembers = ReadonlyMap<string, { readonly ref: IdentityRef; readonly code: string }>;

const NONE: UniqueMembers = new Map();

/** Clusters that grow link by link, as step 2 goes on. A disjoint-set forest that knows its unique members. */
export interface UniqueClusters {
  /** One member that stands for the cluster; another one when the cluster has grown. */
  rootOf(ref: IdentityRef): IdentityRef;
  uniqueOf(ref: IdentityRef): UniqueMembers;
  sizeOf(ref: IdentityRef): number;
  /** Whether the two clusters must not become one. Of one cluster: false. */
  clash(one: IdentityRef, other: IdentityRef): boolean;
  join(one: IdentityRef, other: IdentityRef): void;
}

/** Every identity is a cluster of its own at first. */
export function uniqueClusters(identities: Identities, rules: GraphRules): UniqueClusters {
  const parents = new Map<IdentityRef, IdentityRef>();
  const sizes = new Map<IdentityRef, number>();
  const uniques = new Map<IdentityRef, UniqueMembers>();

  const rootOf = (ref: IdentityRef): IdentityRef => {
    let root = ref;
    for (let up = parents.get(root); up !== undefined; up = parents.get(root)) root = up;
    for (let at = ref; at !== root;) {
      const up = parents.get(at) ?? root;
      parents.set(at, root);
      at = up;
    }
    return root;
  };
  const uniqueOfRoot = (root: IdentityRef): UniqueMembers => {
    const held = uniques.get(root);
    if (held !== undefined) return held;
    const alone = rules.hasUnique ? uniqueMembers([root], identities, rules) : NONE;
    uniques.set(root, alone);
    return alone;
  };
  return {
    rootOf,
    uniqueOf: (ref) => uniqueOfRoot(rootOf(ref)),
    sizeOf: (ref) => sizes.get(rootOf(ref)) ?? 1,
    clash: (one, other) => {
      const [oneRoot, otherRoot] = [rootOf(one), rootOf(other)];
      return oneRoot !== otherRoot && doClash(uniqueOfRoot(oneRoot), uniqueOfRoot(otherRoot));
    },
    join: (one, other) => {
      const [oneRoot, otherRoot] = [rootOf(one), rootOf(other)];
      if (oneRoot === otherRoot) return;
      const [small, large] =
        (sizes.get(oneRoot) ?? 1) < (sizes.get(otherRoot) ?? 1) ? [oneRoot, otherRoot] : [otherRoot, oneRoot];
      const [fewer, more] = [uniqueOfRoot(small), uniqueOfRoot(large)];
      parents.set(small, large);
      sizes.set(large, (sizes.get(large) ?? 1) + (sizes.get(small) ?? 1));
      if (fewer.size > 0) uniques.set(large, new Map([...more, ...fewer]));
    },
  };
}

/** What a cluster without clashes holds of unique namespaces. */
export function uniqueMembers(
  members: Iterable<IdentityRef>,
  identities: Identities,
  rules: GraphRules,
): UniqueMembers {
  const found = new Map<string, { readonly ref: IdentityRef; readonly code: string }>();
  for (const ref of members) {
    const { namespace } = known(identities, ref);
    if (rules.isUnique(namespace)) found.set(namespaceKey(namespace), { ref, code: namespace });
  }
  return found;
}

/** Whether both hold an identity of one namespace, and not the same one. */
export function doClash(one: UniqueMembers, other: UniqueMembers): boolean {
  for (const [namespace, { ref }] of one) {
    const there = other.get(namespace);
    if (there !== undefined && there.ref !== ref) return true;
  }
  return false;
}

/** The code that explains why a link between two clusters is excluded; see `LinkState`. */
export function clashCode(one: UniqueMembers, other: UniqueMembers, rules: GraphRules): string {
  const [best] = [...one]
    .filter(([namespace]) => other.has(namespace))
    .map(([, { code }]) => code)
    .sort((a, b) => compareNamespaces(a, b, rules));
  if (best === undefined) throw new TypeError('two clusters that do not clash exclude no link');
  return best;
}

/** The better one first. */
export function compareNamespaces(one: string, other: string, rules: GraphRules): number {
  return rules.rankOf(one) - rules.rankOf(other) || compare(one, other);
}
