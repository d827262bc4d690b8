import type { IdentityRef } from '#core';

import { running } from './candidates.js';
import { blockOf, known, newestFirst, type GraphRules, type LinkOrder } from './graph-rules.js';
import {
  endsOf,
  type GraphComponent,
  type GraphSource,
  type LinkChange,
  type LinkRequest,
  type StoredLink,
} from './graph-source.js';
import { otherEnd, type GraphIdentity, type LinkState } from './graph.js';

/** What was asked of a source so far, with the changes: nothing is asked twice. */
export class LoadedGraph {
  readonly identities = new Map<IdentityRef, GraphIdentity>();
  readonly order: LinkOrder;
  readonly #components = new Map<IdentityRef, GraphComponent>();
  readonly #counts = new Map<IdentityRef, number>();
  readonly #links = new Map<IdentityRef, ReadonlyMap<string, StoredLink>>();
  readonly #running = new Map<IdentityRef, ReadonlySet<string>>();
  readonly #changes = new Map<IdentityRef, LinkChange[]>();
  readonly #settled = new Map<string, LinkState>();

  constructor(
    private readonly source: GraphSource,
    readonly rules: GraphRules,
    changes: readonly LinkChange[],
  ) {
    this.order = newestFirst(this.identities, rules);
    for (const change of changes) {
      for (const end of endsOf(change)) {
        const list = this.#changes.get(end);
        if (list === undefined) this.#changes.set(end, [change]);
        else list.push(change);
      }
    }
  }

  /** How many links of the identity changed. */
  changesAt(ref: IdentityRef): number {
    return this.#changes.get(ref)?.length ?? 0;
  }

  async loadIdentities(refs: Iterable<IdentityRef>): Promise<void> {
    const missing = missingIn(this.identities, refs);
    if (missing.length === 0) return;
    for (const identity of await this.source.identities(missing)) this.identities.set(identity.ref, identity);
  }

  async loadComponents(refs: Iterable<IdentityRef>): Promise<void> {
    const missing = missingIn(this.#components, refs);
    if (missing.length === 0) return;
    const answer = await this.source.components(missing);
    for (const ref of missing) {
      if (this.#components.has(ref)) continue;
      const component = answer.get(ref) ?? { members: [ref], current: true };
      this.place(component);
    }
  }

  /** From now on these identities are this component. */
  place(component: GraphComponent): void {
    for (const member of component.members) this.#components.set(member, component);
  }

  /** Of an identity of which it is loaded. */
  componentOf(ref: IdentityRef): GraphComponent {
    const component = this.#components.get(ref);
    if (component === undefined) throw new TypeError(`the component of ${ref} is not loaded`);
    return component;
  }

  isIn(components: ReadonlySet<GraphComponent>, ref: IdentityRef): boolean {
    const component = this.#components.get(ref);
    return component !== undefined && components.has(component);
  }

  async loadLinkCounts(refs: Iterable<IdentityRef>): Promise<void> {
    const missing = missingIn(this.#counts, refs);
    if (missing.length === 0) return;
    const answer = await this.source.linkCounts(missing);
    for (const ref of missing) this.#counts.set(ref, answer.get(ref) ?? 0);
  }

  /** Of an identity of which it is loaded. */
  linkCountOf(ref: IdentityRef): number {
    const count = this.#counts.get(ref);
    if (count === undefined) throw new TypeError(`the link count of ${ref} is not loaded`);
    return count;
  }

  /** Whether some of its links may not be in the running; its count must be loaded. */
  hasMoreThanCandidates(ref: IdentityRef): boolean {
    return this.linkCountOf(ref) > this.rules.candidates;
  }

  /**
   * Loads what decides about the links of these members of loaded components: of a component that is not current all of
   * them. Else so many that those which did not change and are not blocked fill the candidates: what comes after them
   * was not in the running before the changes, and is not now.
   */
  async loadLinks(members: Iterable<IdentityRef>): Promise<void> {
    const missing = missingIn(this.#links, members);
    await this.loadIdentities(missing);
    let requests = missing.map((end): LinkRequest => ({ end, newest: this.#wanted(end) }));
    for (const { end } of requests.filter(({ newest }) => newest === 0)) this.#keep(end, []);
    requests = requests.filter(({ newest }) => newest > 0);
    while (requests.length > 0) {
      const answer = await this.source.links(requests);
      const tooFew: LinkRequest[] = [];
      for (const { end, newest } of requests) {
        const links = answer.get(end) ?? [];
        const free = links.filter((link) => this.stateOf(link)?.state !== 'blocked').length;
        if (links.length < newest || free >= this.#wanted(end)) this.#keep(end, links);
        else tooFew.push({ end, newest: newest * 2 });
      }
      requests = tooFew;
    }
  }

  #wanted(end: IdentityRef): number {
    if (!this.componentOf(end).current) return Number.POSITIVE_INFINITY;
    // All its links are blocked, and those that did not change are stored as such.
    if (this.rules.isBlocked(known(this.identities, end))) return 0;
    return this.rules.candidates + this.changesAt(end);
  }

  #keep(end: IdentityRef, links: readonly StoredLink[]): void {
    const byKey = new Map(links.map((link) => [link.key, link]));
    for (const { before, after } of this.#changes.get(end) ?? []) {
      if (after !== undefined) byKey.set(after.key, { ...after, state: before?.state });
    }
    this.#links.set(end, byKey);
  }

  /** Those that are loaded of an identity, without those that another end of theirs brought. */
  linksOf(ref: IdentityRef): Iterable<StoredLink> {
    const links = this.#links.get(ref);
    if (links === undefined) throw new TypeError(`the links of ${ref} are not loaded`);
    return links.values();
  }

  /** Keys of the links that are in the running at this end. The identities at the other ends must be loaded. */
  runningAt(ref: IdentityRef): ReadonlySet<string> {
    const before = this.#running.get(ref);
    if (before !== undefined) return before;
    const free = [...this.linksOf(ref)].filter((link) => blockOf(link, this.identities, this.rules) === undefined);
    const keys = new Set(running(free, this.rules.candidates).map(({ key }) => key));
    this.#running.set(ref, keys);
    return keys;
  }

  async loadOtherEnds(members: Iterable<IdentityRef>): Promise<void> {
    const ends = new Set<IdentityRef>();
    for (const ref of members) for (const link of this.linksOf(ref)) ends.add(otherEnd(link, ref));
    await this.loadIdentities(ends);
  }

  /** What became of a link: when it was last evaluated or, where that is known already, with the changes. */
  stateOf(link: StoredLink): LinkState | undefined {
    return this.#settled.get(link.key) ?? link.state;
  }

  settle(key: string, state: LinkState): void {
    this.#settled.set(key, state);
  }
}

function missingIn(loaded: ReadonlyMap<IdentityRef, unknown>, refs: Iterable<IdentityRef>): readonly IdentityRef[] {
  return [...new Set(refs)].filter((ref) => !loaded.has(ref));
}
