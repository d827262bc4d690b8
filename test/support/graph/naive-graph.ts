import type { IdentityRef } from '#core';
import { isBlocked, type GraphIdentity, type GraphLink, type GraphSettings, type LinkState } from '#identity';

/** The graph after its steps, by a second implementation. */
export interface NaiveGraph {
  readonly clusters: readonly (readonly IdentityRef[])[];
  /** Before any identity had to leave. */
  readonly components: readonly (readonly IdentityRef[])[];
  readonly states: ReadonlyMap<string, LinkState>;
}

/**
 * The three steps of the identity graph word by word, without regard to cost, and without a line in common with the
 * implementation: what that must agree with.
 */
export function naiveGraph(
  identities: readonly GraphIdentity[],
  links: readonly GraphLink[],
  settings: GraphSettings,
): NaiveGraph {
  const states = new Map<string, LinkState>();
  const identity = (ref: IdentityRef) => identities.find((one) => one.ref === ref)!;
  const isUnique = ({ namespace }: GraphIdentity) =>
    [...settings.unique].some((code) => code.toLowerCase() === namespace.toLowerCase());
  const rank = (namespace: string) => {
    const index = settings.priority.findIndex((code) => code.toLowerCase() === namespace.toLowerCase());
    return index === -1 ? settings.priority.length + 1 : index + 1;
  };
  const ranks = ({ a, b }: GraphLink) => rank(identity(a).namespace) + rank(identity(b).namespace);
  const textOrder = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0);
  const inOrder = links.toSorted(
    (one, other) =>
      other.last - one.last ||
      ranks(one) - ranks(other) ||
      textOrder(one.seen, other.seen) ||
      textOrder(one.key, other.key),
  );

  // Step 1
  const free = inOrder.filter((link) => {
    const byValue = [link.a, link.b].some((end) => isBlocked(settings.blockedValues, identity(end).id));
    if (link.blocked) states.set(link.key, { state: 'blocked', reason: 'hand' });
    else if (byValue) states.set(link.key, { state: 'blocked', reason: 'value' });
    return !states.has(link.key);
  });
  const candidates = free.filter((link) => {
    const isAmongNewest = [link.a, link.b].every((end) => {
      const ofEnd = free
        .filter(({ a, b }) => a === end || b === end)
        .sort((one, other) => other.last - one.last || textOrder(other.key, one.key));
      return ofEnd.indexOf(link) < settings.candidates;
    });
    if (!isAmongNewest) states.set(link.key, { state: 'evicted', reason: 'candidates' });
    return isAmongNewest;
  });

  // Step 2
  const taken: GraphLink[] = [];
  const everybody = identities.map(({ ref }) => ref);
  for (const link of candidates) {
    const joined = clusterOf(link.a, [...taken, link])
      .map(identity)
      .filter(isUnique);
    const namespaces = new Set(joined.map(({ namespace }) => namespace));
    if (namespaces.size === joined.length) taken.push(link);
  }
  const components = partsOf(everybody, taken);
  for (const link of candidates.filter((one) => !taken.includes(one))) {
    const [one, other] = [link.a, link.b].map((end) =>
      clusterOf(end, taken)
        .map(identity)
        .filter(isUnique)
        .map(({ namespace }) => namespace),
    );
    const [reason] = one!
      .filter((namespace) => other!.includes(namespace))
      .sort((a, b) => rank(a) - rank(b) || textOrder(a, b));
    states.set(link.key, { state: 'excluded', reason: reason! });
  }

  // Step 3
  let remaining = taken;
  for (;;) {
    const over = partsOf(everybody, remaining).find((part) => part.length > settings.limit);
    if (over === undefined) break;
    const linksOf = (ref: IdentityRef) => remaining.filter(({ a, b }) => a === ref || b === ref);
    const type = (ref: IdentityRef) => ({ COOKIE: 0, DEVICE: 1 })[identity(ref).idType as string] ?? 2;
    const newest = (ref: IdentityRef) => Math.max(...linksOf(ref).map(({ last }) => last));
    const [worst] = over.toSorted(
      (one, other) =>
        type(one) - type(other) ||
        newest(one) - newest(other) ||
        textOrder(identity(one).namespace, identity(other).namespace) ||
        textOrder(identity(one).id, identity(other).id),
    );
    for (const link of linksOf(worst!)) states.set(link.key, { state: 'evicted', reason: 'limit' });
    remaining = remaining.filter((link) => !linksOf(worst!).includes(link));
  }
  for (const link of remaining) states.set(link.key, { state: 'active' });
  return { clusters: partsOf(everybody, remaining), components, states };
}

function clusterOf(ref: IdentityRef, links: readonly GraphLink[]): readonly IdentityRef[] {
  let cluster = [ref];
  for (;;) {
    const touching = links.filter(({ a, b }) => cluster.includes(a) || cluster.includes(b));
    const grown = [...new Set([...cluster, ...touching.flatMap(({ a, b }) => [a, b])])];
    if (grown.length === cluster.length) return cluster;
    cluster = grown;
  }
}

function partsOf(refs: readonly IdentityRef[], links: readonly GraphLink[]): readonly (readonly IdentityRef[])[] {
  const parts: (readonly IdentityRef[])[] = [];
  for (const ref of refs) {
    if (!parts.some((part) => part.includes(ref))) parts.push(clusterOf(ref, links));
  }
  return parts;
}
