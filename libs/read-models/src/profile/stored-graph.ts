import { BUILT_IN_NAMESPACES, namespaceKey, type IdType } from '#catalog';
import type { IdentityRef, Position } from '#core';
import {
  ACTIVE,
  newestAtAnEnd,
  otherEnd,
  wasJoined,
  type GraphComponent,
  type GraphIdentity,
  type GraphSource,
  type LinkRequest,
  type StoredLink,
} from '#identity';
import type { Session, SessionDocument } from '#projection';

import {
  associationsOf,
  IDENTITIES,
  LINKS,
  PROFILES,
  type IdentityBody,
  type LinkBody,
  type ProfileBody,
  type ProfileMember,
} from '../documents.js';
import { identitySettingsOf, type RulesBody } from './rules.js';

/** The two ends of which a link's key is made. */
export function endsOfKey(key: string): readonly [IdentityRef, IdentityRef] {
  return [key.slice(0, key.length / 2), key.slice(key.length / 2)];
}

/** A link as the graph sees it; `undefined` for a pair that nothing associates: somebody has blocked it beforehand. */
export function graphLink(key: string, body: LinkBody): StoredLink | undefined {
  const { a, b, seen, block, state = ACTIVE } = body;
  const last = newestAssociation(body);
  return last === undefined ? undefined : { key, a, b, last, seen, blocked: block !== undefined, state };
}

/** Epoch milliseconds; `undefined` when nothing associates the ends. */
export function newestAssociation(body: LinkBody): number | undefined {
  let newest: number | undefined;
  for (const { last } of associationsOf(body)) if (newest === undefined || last > newest) newest = last;
  return newest;
}

export interface StoredGraphOptions {
  readonly session: Session;
  readonly rules: RulesBody | undefined;
  /** How many links of an identity are considered. */
  readonly candidates: number;
  /**
   * Of the first event of the page that is not late: what is at this position or later is of a commit that was torn.
   * `undefined`: the page holds late events only.
   */
  readonly from: Position | undefined;
}

/** What an end was asked for, and answered. */
interface FoundLinks {
  readonly newest: number;
  /** Without those that the page has taken every association: they still stand in the index. */
  readonly links: readonly StoredLink[];
  /** There are no others. */
  readonly complete: boolean;
}

/** The graph of one sandbox as documents hold it: links and identities with what the page has changed, clusters without. */
export class StoredGraph implements GraphSource {
  #isTorn = false;
  readonly #tornLinks = new Set<string>();
  #isTrusted = true;
  /** Of the clusters that were asked for. */
  readonly #members = new Map<IdentityRef, ProfileMember>();
  /** Nothing that is asked of an end changes meanwhile. */
  readonly #found = { by_a: new Map<IdentityRef, FoundLinks>(), by_b: new Map<IdentityRef, FoundLinks>() } as const;

  constructor(private readonly options: StoredGraphOptions) {}

  /** A document that was asked for is of a torn commit: clusters and states of links may not fit together. */
  get isTorn(): boolean {
    return this.#isTorn;
  }

  /** Ends of links of which a torn commit has told already what became of them: their clusters were evaluated then. */
  get tornEnds(): readonly IdentityRef[] {
    return [...this.#tornLinks].flatMap(endsOfKey);
  }

  /** From now on no cluster counts as current: all is made anew of what links say. */
  distrust(): void {
    this.#isTrusted = false;
  }

  async identities(refs: readonly IdentityRef[]): Promise<readonly GraphIdentity[]> {
    const { session } = this.options;
    const others = refs.filter((ref) => !this.#members.has(ref));
    await session.load(IDENTITIES.name, others);
    return refs.flatMap((ref) => {
      const identity = this.#members.get(ref) ?? this.#seen(session.get<IdentityBody>(IDENTITIES.name, ref))?.value;
      if (identity === undefined) return [];
      const { namespace, id } = identity;
      return [{ ref, namespace, id, idType: this.#idTypeOf(namespace) }];
    });
  }

  async components(refs: readonly IdentityRef[]): Promise<ReadonlyMap<IdentityRef, GraphComponent>> {
    const { session } = this.options;
    await session.loadByMember(PROFILES.name, refs);
    for (const profile of new Set(refs.map((ref) => this.#profileOf(ref)))) {
      for (const member of profile?.members ?? []) this.#members.set(member.ref, member);
    }
    // That no torn commit has left one of them in another profile, too.
    await session.loadByMember(PROFILES.name, this.#members.keys());
    const components = new Map<IdentityRef, GraphComponent>();
    for (const ref of refs) {
      if (components.has(ref)) continue;
      const profile = this.#profileOf(ref);
      const members = profile === undefined ? [ref] : this.#present(profile);
      const whole = profile?.limited === true ? await this.#joinedWith(members) : members;
      const component = {
        members: whole,
        current: this.#isTrusted && whole.every((member) => this.#isCurrent(member)),
      };
      for (const member of whole) components.set(member, component);
    }
    return components;
  }

  async linkCounts(refs: readonly IdentityRef[]): Promise<ReadonlyMap<IdentityRef, number>> {
    const { session } = this.options;
    await session.load(IDENTITIES.name, refs);
    const countOf = (ref: IdentityRef) => this.#seen(session.get<IdentityBody>(IDENTITIES.name, ref))?.value.links;
    return new Map(refs.map((ref) => [ref, countOf(ref) ?? 0]));
  }

  async links(requests: readonly LinkRequest[]): Promise<ReadonlyMap<IdentityRef, readonly StoredLink[]>> {
    for (const [newest, ends] of this.#byLimit(requests)) await this.#loadLinks(ends, newest);
    const found = new Map<IdentityRef, readonly StoredLink[]>();
    for (const { end, newest } of requests) found.set(end, await this.#linksOf(end, newest));
    return found;
  }

  /**
   * Ends by how many links are read of each: the candidates, and what is wanted beyond them rounded up to a power of two,
   * so that few requests do, and none reads far more than it wants.
   */
  #byLimit(requests: readonly LinkRequest[]): ReadonlyMap<number, readonly IdentityRef[]> {
    const ends = new Map<number, IdentityRef[]>();
    for (const { end, newest } of requests) {
      const { candidates } = this.options;
      const limit = newest <= candidates ? candidates : candidates + 2 ** Math.ceil(Math.log2(newest - candidates));
      const alike = ends.get(limit);
      if (alike === undefined) ends.set(limit, [end]);
      else alike.push(end);
    }
    return ends;
  }

  async #linksOf(end: IdentityRef, newest: number): Promise<readonly StoredLink[]> {
    const links = [...(await this.#linksAt('by_a', end, newest)), ...(await this.#linksAt('by_b', end, newest))];
    // Behind the first `newest`, what was found from one end only may lack what stands between.
    return links.length <= newest ? links : links.sort(newestAtAnEnd).slice(0, newest);
  }

  /**
   * The first few, as they stood before the page, with what it has changed of them; fewer only when there are no others.
   * Those that it has made are not found here: who asks knows them.
   */
  async #linksAt(index: 'by_a' | 'by_b', end: IdentityRef, newest: number): Promise<readonly StoredLink[]> {
    for (let some = newest; ; some *= 2) {
      await this.#loadLinksAt(index, [end], some);
      const found = this.#found[index].get(end);
      if (found === undefined || found.complete || found.links.length >= newest) return found?.links ?? [];
    }
  }

  /** For `#linksAt` of all these, in few requests. */
  async #loadLinks(ends: readonly IdentityRef[], newest: number): Promise<void> {
    await this.#loadLinksAt('by_a', ends, newest);
    await this.#loadLinksAt('by_b', ends, newest);
  }

  async #loadLinksAt(index: 'by_a' | 'by_b', ends: readonly IdentityRef[], newest: number): Promise<void> {
    const { session } = this.options;
    const missing = ends.filter((end) => {
      const before = this.#found[index].get(end);
      return before === undefined || (!before.complete && before.newest < newest);
    });
    if (missing.length === 0) return;
    for (const [end, keys] of await session.scanEach(LINKS.name, { index, order: 'desc' }, missing, newest)) {
      this.#found[index].set(end, { newest, links: this.#linksFor(keys), complete: keys.length < newest });
    }
  }

  #linksFor(keys: readonly string[]): readonly StoredLink[] {
    return keys.flatMap((key) => {
      const document = this.#seen(this.options.session.get<LinkBody>(LINKS.name, key));
      if (isTorn(document, this.options.from)) this.#tornLinks.add(key);
      const link = document && graphLink(key, document.value);
      return link === undefined ? [] : [link];
    });
  }

  /** A cluster before any identity had to leave it: joined by all links that were taken before the limit was looked at. */
  async #joinedWith(members: readonly IdentityRef[]): Promise<readonly IdentityRef[]> {
    const whole = new Set(members);
    for (let added = members; added.length > 0;) {
      const next = new Set<IdentityRef>();
      await this.#loadLinks(added, this.options.candidates);
      for (const end of added) {
        for (const link of await this.#candidatesOf(end)) {
          const other = otherEnd(link, end);
          if (wasJoined(link.state) && !whole.has(other)) next.add(other);
        }
      }
      await this.options.session.loadByMember(PROFILES.name, next);
      added = [...next];
      for (const ref of added) whole.add(ref);
    }
    return [...whole];
  }

  /** Links among which all those are that were candidates at this end before the page. */
  async #candidatesOf(end: IdentityRef): Promise<readonly StoredLink[]> {
    return [...(await this.#candidatesAt('by_a', end)), ...(await this.#candidatesAt('by_b', end))];
  }

  async #candidatesAt(index: 'by_a' | 'by_b', end: IdentityRef): Promise<readonly StoredLink[]> {
    const { candidates } = this.options;
    for (let newest = candidates; ; newest *= 2) {
      const links = await this.#linksAt(index, end, newest);
      const free = links.filter(({ state }) => state?.state !== 'blocked');
      if (links.length < newest || free.length >= candidates) return links;
    }
  }

  #idTypeOf(namespace: string): IdType {
    const own = this.options.rules?.idTypes;
    if (own !== undefined && Object.hasOwn(own, namespace)) return own[namespace] as IdType;
    // A namespace that nobody defined is not in the log before its items.
    return BUILT_IN_NAMESPACES.get(namespaceKey(namespace))?.idType ?? 'CROSS_DEVICE';
  }

  /** Of its members those that a torn commit has not given to another profile. */
  #present({ members }: ProfileBody): readonly IdentityRef[] {
    const { session } = this.options;
    const key = members[0]?.ref;
    return members.flatMap(({ ref }) => (session.keyOfMember(PROFILES.name, ref) === key ? [ref] : []));
  }

  #profileOf(ref: IdentityRef): ProfileBody | undefined {
    const { session } = this.options;
    const key = session.keyOfMember(PROFILES.name, ref);
    return key === undefined ? undefined : this.#seen(session.get<ProfileBody>(PROFILES.name, key))?.value;
  }

  #isCurrent(ref: IdentityRef): boolean {
    const profile = this.#profileOf(ref);
    return profile === undefined || (profile.settings ?? 0) === identitySettingsOf(this.options.rules).version;
  }

  #seen<T>(document: SessionDocument<T> | undefined): SessionDocument<T> | undefined {
    if (isTorn(document, this.options.from)) this.#isTorn = true;
    return document;
  }
}

/** Whether a document is of a commit that was torn: it has what this page, whose first event is at `from`, is about to do. */
export function isTorn(document: SessionDocument<unknown> | undefined, from: Position | undefined): boolean {
  return document !== undefined && from !== undefined && document.position >= from;
}
