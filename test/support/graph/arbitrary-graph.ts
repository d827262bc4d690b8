import fc from 'fast-check';

import type { IdType } from '#catalog';
import { blockedValues, type GraphIdentity, type GraphLink, type GraphSettings } from '#identity';

import type { LinkUpdate, StoredGraph } from './stored-graph.js';

const TYPES: Readonly<Record<string, IdType>> = {
  CRM: 'CROSS_DEVICE',
  Loyalty: 'CROSS_DEVICE',
  Email: 'EMAIL',
  IDFA: 'DEVICE',
  WEB: 'COOKIE',
};

/** Few identities, so that links meet: three of every namespace, of which one has a value that may be blocked. */
export const IDENTITIES: readonly GraphIdentity[] = Object.entries(TYPES).flatMap(([namespace, idType]) =>
  ['1', '2', 'test'].map((id) => ({ ref: `${namespace}:${id}`, namespace, id, idType })),
);

export const arbitrarySettings: fc.Arbitrary<GraphSettings> = fc
  .record({
    unique: fc.subarray(['crm', 'LOYALTY', 'Email']),
    priority: fc.shuffledSubarray(['crm', 'Loyalty', 'EMAIL', 'web']),
    limit: fc.integer({ min: 2, max: 6 }),
    candidates: fc.integer({ min: 2, max: 4 }),
    blocked: fc.subarray(['TEST']),
  })
  .map(({ unique, blocked, ...settings }) => ({
    ...settings,
    unique: new Set(unique),
    blockedValues: blockedValues(blocked),
  }));

/** Times are few, so that there are ties. */
const time = fc.nat(6);
const pair = fc
  .tuple(fc.constantFrom(...IDENTITIES), fc.constantFrom(...IDENTITIES))
  .filter(([one, other]) => one !== other)
  .map(([one, other]) => [one.ref, other.ref].sort() as [string, string]);

/** What may happen to a graph; makes nothing of what cannot happen to it. */
export type GraphStep = (
  link: GraphLink | undefined,
  key: string,
  ends: readonly [string, string],
) => LinkUpdate | undefined;

export interface PlacedStep {
  readonly ends: readonly [string, string];
  readonly step: GraphStep;
}

const newLink = (key: string, [a, b]: readonly [string, string], last: number, seen: string): GraphLink => ({
  key,
  a,
  b,
  last,
  seen,
  blocked: false,
});

/** An association, be it the first, newer or late; as the log may bring it. */
const associate = fc.tuple(time, fc.nat(9)).map(
  ([at, seen]): GraphStep =>
    (link, key, ends) =>
      link === undefined ? newLink(key, ends, at, `p${seen}`) : { ...link, last: Math.max(link.last, at) },
);
/** A backfill shows that it was there before, or it went away and came back. */
const seenElsewhere = fc.nat(9).map(
  (seen): GraphStep =>
    (link) =>
      link && { ...link, seen: `p${seen}` },
);
/** Its newest associations are taken back. */
const age = time.map(
  (at): GraphStep =>
    (link) =>
      link && { ...link, last: Math.min(link.last, at) },
);
const remove: GraphStep = (link, key) => link && { key, gone: true };
const block: GraphStep = (link) => link && { ...link, blocked: true };
const unblock: GraphStep = (link) => link && { ...link, blocked: false };

const step = fc.oneof(
  { weight: 12, arbitrary: associate },
  { weight: 1, arbitrary: age },
  { weight: 1, arbitrary: seenElsewhere },
  { weight: 5, arbitrary: fc.constantFrom(remove, block, unblock) },
);

/** Steps that are evaluated together. */
export const arbitraryPage: fc.Arbitrary<readonly PlacedStep[]> = fc.array(fc.record({ ends: pair, step }), {
  minLength: 1,
  maxLength: 6,
});

/** What a page does to the links of a graph, each once. */
export function updatesOf(page: readonly PlacedStep[], graph: StoredGraph): readonly LinkUpdate[] {
  const updates = new Map<string, LinkUpdate>();
  for (const { ends, step: take } of page) {
    const key = ends.join('+');
    const sofar = updates.get(key) ?? graph.link(key);
    const link = sofar === undefined || 'gone' in sofar ? undefined : sofar;
    const update = take(link && plain(link), key, ends);
    if (update === undefined) continue;
    if ('gone' in update && graph.link(key) === undefined) updates.delete(key);
    else updates.set(key, update);
  }
  return [...updates.values()];
}

function plain({ key, a, b, last, seen, blocked }: GraphLink): GraphLink {
  return { key, a, b, last, seen, blocked };
}
