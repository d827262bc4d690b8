import { randomUuid, seededRandom } from '../random.js';
import { ndjsonRequest, type ReadyRequest } from '../requests.js';
import type { ClusterScale } from './identity-scales.js';

/** Namespace and value. */
export type Named = readonly [namespace: 'CRMID' | 'Email' | 'WEB', id: string];

/** A person as an item names it, and one other identity. */
export interface Pair {
  readonly owner: Named;
  readonly other: Named;
}

const SEED = 20200101;
/** Event times: a second after the other, so that each association is newer than all before it. */
const START = Date.parse('2020-01-01T00:00:00Z');

/** Makes items of pairs: nothing in them repeats but the identities. One for a whole run. */
export class IdentityItems {
  readonly #random = seededRandom(SEED);
  #made = 0;

  /** A number below `end`. */
  draw(end: number): number {
    return Math.floor(this.#random() * end);
  }

  /** Events that name both, in requests of so many. */
  events(pairs: Iterable<Pair>, itemsPerRequest: number): readonly ReadyRequest[] {
    return requests('/v1/datasets/visits/events', pairs, itemsPerRequest, ({ owner, other }) => ({
      _id: randomUuid(this.#random),
      timestamp: new Date(START + this.#made++ * 1_000).toISOString(),
      eventType: 'web.visit',
      page: `/products/${this.draw(1_000)}`,
      identityMap: identityMap(owner, other),
    }));
  }

  /** Records of the owners that name the other. */
  records(dataset: 'crm' | 'loyalty', pairs: Iterable<Pair>, itemsPerRequest: number): readonly ReadyRequest[] {
    return requests(`/v1/datasets/${dataset}/records`, pairs, itemsPerRequest, ({ owner, other }) => ({
      name: `name ${this.draw(1_000)}`,
      city: `city ${this.draw(100)}`,
      points: this.draw(10_000),
      identityMap: identityMap(owner, other),
    }));
  }
}

function identityMap(owner: Named, other: Named) {
  const [namespace, id] = owner;
  const [otherNamespace, otherId] = other;
  return { [namespace]: [{ id, primary: true }], [otherNamespace]: [{ id: otherId }] };
}

function requests(
  path: string,
  pairs: Iterable<Pair>,
  itemsPerRequest: number,
  itemOf: (pair: Pair) => object,
): readonly ReadyRequest[] {
  const made: ReadyRequest[] = [];
  let items: { readonly text: string }[] = [];
  let last: Pair | undefined;
  const flush = (): void => {
    if (last !== undefined && items.length > 0) made.push(ndjsonRequest(path, items, profilePath(last.owner)));
    items = [];
  };
  for (const pair of pairs) {
    last = pair;
    items.push({ text: JSON.stringify(itemOf(pair)) });
    if (items.length === itemsPerRequest) flush();
  }
  flush();
  return made;
}

export function profilePath([namespace, id]: Named): string {
  return `/v1/profiles/${namespace}/${encodeURIComponent(id)}`;
}

export function person(number: number): Named {
  return ['CRMID', `c${number}`];
}

/** Each a random person with one of the person's browsers. */
export function* visits(items: IdentityItems, count: number, people: number, browsers: number): Generator<Pair> {
  for (let made = 0; made < count; made += 1) {
    const number = items.draw(people);
    yield { owner: person(number), other: ['WEB', `w${number}.${items.draw(browsers)}`] };
  }
}

/** Ever new people on one browser. */
export function* hubVisits(from: number, to: number): Generator<Pair> {
  for (let number = from; number < to; number += 1) yield { owner: person(number), other: ['WEB', 'shared'] };
}

function inner(cluster: number, number: number): Named {
  return ['Email', `m${number}@${cluster}.example.org`];
}

/** What fills clusters up to their limit: a person, addresses of that person, browsers of those addresses. */
export function* fillClusters({ limit, clusters, inner: inners }: ClusterScale): Generator<Pair> {
  for (let number = 0; number < limit - 1; number += 1) {
    for (let cluster = 0; cluster < clusters; cluster += 1) {
      yield number < inners
        ? { owner: person(cluster), other: inner(cluster, number) }
        : { owner: inner(cluster, number % inners), other: ['WEB', `w${cluster}.${number}`] };
    }
  }
}

/** Links again what is linked: a random browser of a random cluster. */
export function* repeatInClusters(items: IdentityItems, scale: ClusterScale): Generator<Pair> {
  for (let made = 0; made < scale.fullItems; made += 1) {
    const cluster = items.draw(scale.clusters);
    const number = scale.inner + items.draw(scale.limit - 1 - scale.inner);
    yield { owner: inner(cluster, number % scale.inner), other: ['WEB', `w${cluster}.${number}`] };
  }
}

/** Brings one more browser into a random cluster. */
export function* overfillClusters(items: IdentityItems, scale: ClusterScale): Generator<Pair> {
  for (let made = 0; made < scale.overItems; made += 1) {
    const cluster = items.draw(scale.clusters);
    yield { owner: inner(cluster, items.draw(scale.inner)), other: ['WEB', `w${cluster}.over${made}`] };
  }
}

/** Profiles of so many identities, each of which owns records. */
export function* wideProfiles(profiles: number, identities: number): Generator<Pair> {
  for (let profile = 0; profile < profiles; profile += 1) {
    for (let number = 1; number < identities; number += 1) {
      yield { owner: ['WEB', `w${profile}.${number}`], other: person(profile) };
      if (number === 1) yield { owner: person(profile), other: ['WEB', `w${profile}.1`] };
    }
  }
}
