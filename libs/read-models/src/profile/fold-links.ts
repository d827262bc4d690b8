import type { IdentityRef, Position } from '#core';
import type { GraphLink, LinkChange } from '#identity';
import { BATCH_ITEMS_REVERTED } from '#profile';
import { isApplied, type Entry, type Session } from '#projection';

import {
  IDENTITIES,
  linkKey,
  LINKS,
  UNUSUAL_LINKS,
  type AssociationTimes,
  type IdentityBody,
  type LinkBlock,
  type LinkBody,
} from '../documents.js';
import type { FragmentLifecycle } from './fragment-change.js';
import type { LinkBlocking } from './profile-change.js';
import type { NamingEntry } from './profile-page.js';
import { endsOfKey, graphLink, isTorn, newestAssociation } from './stored-graph.js';

export function* pairsAmong(refs: readonly IdentityRef[]): Generator<readonly [IdentityRef, IdentityRef]> {
  for (let i = 0; i < refs.length; i += 1) {
    for (let j = i + 1; j < refs.length; j += 1) yield [refs[i] as IdentityRef, refs[j] as IdentityRef];
  }
}

/** The links of one sandbox that a page changes. Those of its pairs, and their ends, must be loaded. */
export class PageLinks {
  /** As they were before the page. */
  readonly #before = new Map<string, LinkBody | undefined>();
  /** Ends of links that are gone. */
  readonly parted = new Set<IdentityRef>();
  #isDoubtful = false;

  /** `from`: as of `StoredGraph`. */
  constructor(
    private readonly session: Session,
    private readonly from: Position | undefined,
  ) {}

  /**
   * A torn commit may have left links that do not fit to clusters: links are written before profiles. Known once the
   * changes were asked for.
   */
  get isDoubtful(): boolean {
    return this.#isDoubtful;
  }

  /** Associates all identities that an item names with one another. */
  associate(entry: NamingEntry, refs: readonly IdentityRef[]): void {
    const { value, position } = entry;
    const item = value.kind === 'association' ? value.seen : position;
    const batch = batchOf(value);
    refs.forEach((one, place) => {
      for (let i = place + 1; i < refs.length; i += 1) {
        const other = refs[i] as IdentityRef;
        const seen = `${item}.${placeInItem(place)}${placeInItem(i)}`;
        const before = this.#get(linkKey(one, other));
        // Identities are written before links: a link that is associated was counted.
        if (!isAssociated(before)) this.#count([one, other], 1, entry);
        const link = {
          seen: before === undefined || seen < before.seen ? seen : before.seen,
          ...associated(before, value.metadata.dataset, batch, value.at),
        };
        this.#put(one, other, link, before?.block);
      }
    });
  }

  /** Takes the associations of a reverted batch away, with the links that rest on nothing else. */
  part(entry: Entry<FragmentLifecycle>, groups: readonly (readonly IdentityRef[])[]): void {
    const { event } = entry.value;
    if (event.type !== BATCH_ITEMS_REVERTED) return;
    for (const [one, other] of groups.flatMap((refs) => [...pairsAmong(refs)])) {
      const before = this.#get(linkKey(one, other));
      if (before === undefined) {
        this.#isDoubtful = true;
        for (const ref of [one, other]) this.parted.add(ref);
      }
      if (before?.batches === undefined || !Object.hasOwn(before.batches, event.batch)) continue;
      const { [event.batch]: _removed, ...rest } = before.batches;
      const left = { datasets: before.datasets, ...(Object.keys(rest).length > 0 && { batches: rest }) };
      this.#put(one, other, { seen: before.seen, ...left }, before.block);
      if (isAssociated(left)) continue;
      for (const ref of [one, other]) this.parted.add(ref);
      this.#count([one, other], -1, entry);
    }
  }

  /** Blocks a link or lets it be one again. One that nothing associates yet can be blocked beforehand. */
  block({ value, position }: Entry<LinkBlocking>): void {
    const { a, b, block } = value;
    const before = this.#get(linkKey(a.ref, b.ref));
    const { seen = `${position}.`, datasets = {}, batches } = before ?? {};
    this.#put(a.ref, b.ref, { seen, datasets, ...(batches !== undefined && { batches }) }, block);
  }

  /** What is different from before, for the graph to judge. */
  changes(): readonly LinkChange[] {
    const changes: LinkChange[] = [];
    for (const [key, body] of this.#before) {
      const before = body && graphLink(key, body);
      const document = this.session.get<LinkBody>(LINKS.name, key);
      const after = document && graphLink(key, document.value);
      if (isTorn(document, this.from)) this.#isDoubtful = true;
      if (after !== undefined) {
        if (before === undefined || isOther(before, after)) changes.push({ before, after });
      } else if (before !== undefined) changes.push({ before, after });
    }
    return changes;
  }

  /** Ends of all links that the page touched. */
  ends(): readonly IdentityRef[] {
    return [...this.#before.keys()].flatMap(endsOfKey);
  }

  #get(key: string): LinkBody | undefined {
    return this.session.get<LinkBody>(LINKS.name, key)?.value;
  }

  #put(
    one: IdentityRef,
    other: IdentityRef,
    link: Pick<LinkBody, 'seen' | 'datasets' | 'batches'>,
    block: LinkBlock | undefined,
  ): void {
    const key = linkKey(one, other);
    if (!this.#before.has(key)) this.#before.set(key, this.#get(key));
    // Also of a link that was gone for a moment: the graph tells only what is different from before the page.
    const state = this.#before.get(key)?.state;
    const isLinked = isAssociated(link);
    if (block === undefined && !isLinked) {
      this.session.delete(LINKS.name, key);
      return;
    }
    const body: LinkBody = {
      a: key.slice(0, one.length),
      b: key.slice(one.length),
      ...link,
      ...(isLinked && state !== undefined && { state }),
      ...(block !== undefined && { block }),
    };
    putLink(key, body, this.session);
  }

  #count(ends: readonly IdentityRef[], by: number, entry: Entry<unknown>): void {
    for (const ref of ends) {
      const identity = this.session.get<IdentityBody>(IDENTITIES.name, ref);
      if (identity === undefined || isApplied(identity.position, entry)) continue;
      putIdentity(ref, { ...identity.value, links: identity.value.links + by }, this.session);
    }
  }
}

/** False for a pair that somebody has blocked beforehand, too. */
export function isAssociated(link: Pick<LinkBody, 'datasets' | 'batches'> | undefined): boolean {
  if (link === undefined) return false;
  for (const _dataset in link.datasets) return true;
  for (const _batch in link.batches) return true;
  return false;
}

function isOther(before: GraphLink, after: GraphLink): boolean {
  return before.last !== after.last || before.seen !== after.seen || before.blocked !== after.blocked;
}

export function putIdentity(ref: IdentityRef, body: IdentityBody, session: Session): void {
  const { sandbox, links } = body;
  session.put(IDENTITIES.name, ref, links > UNUSUAL_LINKS ? { sandbox, links } : {}, body);
}

export function putLink(key: string, body: LinkBody, session: Session): void {
  const last = newestAssociation(body);
  // What nothing associates is not found from its ends.
  session.put(LINKS.name, key, last === undefined ? {} : { a: body.a, b: body.b, last }, body);
}

/** Two hexadecimal digits: an item names 20 identities at most. */
export function placeInItem(place: number): string {
  return place.toString(16).padStart(2, '0');
}

/** The batch with which an event came. Those of records cannot be reverted, so nobody asks. */
function batchOf(value: NamingEntry['value']): string | undefined {
  if (value.kind === 'association') return value.batch;
  return value.kind === 'event' ? value.metadata.batch : undefined;
}

function associated(
  { datasets, batches }: Pick<LinkBody, 'datasets' | 'batches'> = { datasets: {} },
  dataset: string,
  batch: string | undefined,
  at: number,
): Pick<LinkBody, 'datasets' | 'batches'> {
  if (batch === undefined) {
    return {
      datasets: { ...datasets, [dataset]: widened(datasets[dataset], at) },
      ...(batches !== undefined && { batches }),
    };
  }
  return { datasets, batches: { ...batches, [batch]: { dataset, ...widened(batches?.[batch], at) } } };
}

function widened(
  { first, last }: AssociationTimes = { first: Infinity, last: -Infinity },
  at: number,
): AssociationTimes {
  return { first: Math.min(first, at), last: Math.max(last, at) };
}
