import type { IdentityRef } from '#core';
import {
  newestAtAnEnd,
  reevaluateGraph,
  type GraphComponent,
  type GraphIdentity,
  type GraphLink,
  type GraphSettings,
  type GraphSource,
  type LinkChange,
  type LinkState,
  type StoredLink,
} from '#identity';

/** What a link becomes; `undefined`: it goes away. */
export type LinkUpdate = GraphLink | { readonly key: string; readonly gone: true };

/** How often a graph was asked, and for how much. */
export interface GraphLoads {
  identities: number;
  components: number;
  links: number;
  calls: number;
}

/**
 * A graph that is kept up to date by `reevaluateGraph` alone, in memory. It answers what a source must answer and not
 * a link more, and throws when it is asked for what nobody can know.
 */
export class StoredGraph {
  readonly loads: GraphLoads = { identities: 0, components: 0, links: 0, calls: 0 };
  readonly #identities: ReadonlyMap<IdentityRef, GraphIdentity>;
  readonly #links = new Map<string, StoredLink>();
  readonly #components = new Map<IdentityRef, GraphComponent>();
  readonly #clusters = new Map<IdentityRef, readonly IdentityRef[]>();

  constructor(
    identities: readonly GraphIdentity[],
    private settings: GraphSettings,
  ) {
    this.#identities = new Map(identities.map((identity) => [identity.ref, identity]));
  }

  get links(): readonly GraphLink[] {
    return [...this.#links.values()].map(({ state: _state, ...link }) => link);
  }

  get states(): ReadonlyMap<string, LinkState> {
    return new Map([...this.#links.values()].map(({ key, state }) => [key, state!]));
  }

  get components(): readonly GraphComponent[] {
    return [...new Set([...this.#identities.keys()].map((ref) => this.#componentOf(ref)))];
  }

  get clusters(): readonly (readonly IdentityRef[])[] {
    return [...new Set([...this.#identities.keys()].map((ref) => this.#clusters.get(ref) ?? ref))].map((cluster) =>
      typeof cluster === 'string' ? [cluster] : cluster,
    );
  }

  link(key: string): GraphLink | undefined {
    return this.#links.get(key);
  }

  /** From now on nothing is current but what has no links. */
  changeSettings(settings: GraphSettings): void {
    this.settings = settings;
    for (const component of new Set(this.#components.values())) {
      const stale = { ...component, current: false };
      for (const member of stale.members) this.#components.set(member, stale);
    }
  }

  async apply(updates: readonly LinkUpdate[], refresh: readonly IdentityRef[] = []): Promise<void> {
    const changes = updates.map((update) => this.#change(update));
    for (const { before, after } of changes) {
      if (after === undefined) this.#links.delete(before.key);
      else this.#links.set(after.key, { ...after, state: before?.state });
    }
    const { components, states } = await reevaluateGraph({ links: changes, refresh }, this.#source, this.settings);
    const replaced = new Set<IdentityRef>();
    for (const { members, clusters } of components) {
      for (const ref of members) {
        if (replaced.has(ref)) throw new Error(`${ref} is in two components`);
        replaced.add(ref);
      }
      if (clusters.flat().length !== members.length) throw new Error('the clusters are not those of the component');
    }
    for (const ref of replaced) {
      const torn = this.#componentOf(ref).members.find((member) => !replaced.has(member));
      if (torn !== undefined) throw new Error(`${torn} was left behind by ${ref}`);
    }
    for (const { members, clusters } of components) {
      const component = { members, current: true };
      for (const ref of members) this.#components.set(ref, component);
      for (const cluster of clusters) for (const ref of cluster) this.#clusters.set(ref, cluster);
    }
    for (const [key, state] of states) {
      const link = this.#links.get(key);
      if (link === undefined) throw new Error(`there is no link ${key}`);
      this.#links.set(key, { ...link, state });
    }
  }

  #change(update: LinkUpdate): LinkChange {
    const before = this.#links.get(update.key);
    if (!('gone' in update)) return { before, after: update };
    if (before === undefined) throw new Error(`there is no link ${update.key}`);
    return { before, after: undefined };
  }

  #componentOf(ref: IdentityRef): GraphComponent {
    const component = this.#components.get(ref) ?? { members: [ref], current: true };
    this.#components.set(ref, component);
    return component;
  }

  #linksOf(ref: IdentityRef): readonly StoredLink[] {
    return [...this.#links.values()].filter(({ a, b }) => a === ref || b === ref);
  }

  #identity(ref: IdentityRef): GraphIdentity {
    const identity = this.#identities.get(ref);
    if (identity === undefined) throw new Error(`there is no identity ${ref}`);
    return identity;
  }

  readonly #source: GraphSource = {
    identities: (refs) => {
      this.#count('identities', refs.length);
      return Promise.resolve(refs.map((ref) => this.#identity(ref)));
    },
    components: (refs) => {
      this.#count('components', refs.length);
      return Promise.resolve(new Map(refs.map((ref) => [this.#identity(ref).ref, this.#componentOf(ref)])));
    },
    linkCounts: (refs) => {
      this.loads.calls += 1;
      return Promise.resolve(new Map(refs.map((ref) => [this.#identity(ref).ref, this.#linksOf(ref).length])));
    },
    links: (requests) => {
      const answer = new Map(
        requests.map(({ end, newest }) => {
          if (!(newest > 0)) throw new Error(`${newest} links are none`);
          return [this.#identity(end).ref, this.#linksOf(end).toSorted(newestAtAnEnd).slice(0, newest).reverse()];
        }),
      );
      this.#count('links', [...answer.values()].flat().length);
      return Promise.resolve(answer);
    },
  };

  #count(what: 'identities' | 'components' | 'links', by: number): void {
    this.loads[what] += by;
    this.loads.calls += 1;
  }
}
