import type { IdentityRef } from '#core';
import { BATCH_ITEMS_REVERTED } from '#profile';
import { isApplied, type Entry, type Session } from '#projection';

import {
  associationsOf,
  IDENTITIES,
  linkKey,
  LINKS,
  type AssociationTimes,
  type IdentityBody,
  type LinkBody,
} from '../documents.js';
import type { FragmentLifecycle } from './fragment-change.js';
import type { EffectiveEntry, NamingEntry } from './profile-page.js';

export function* pairsAmong(refs: readonly IdentityRef[]): Generator<readonly [IdentityRef, IdentityRef]> {
  for (let i = 0; i < refs.length; i += 1) {
    for (let j = i + 1; j < refs.length; j += 1) yield [refs[i] as IdentityRef, refs[j] as IdentityRef];
  }
}

/** Associates all identities that an item names with one another. */
export function addLinks(entry: NamingEntry, refs: readonly IdentityRef[], session: Session): void {
  const { value, position } = entry;
  const seen = value.kind === 'association' ? value.seen : position;
  const batch = batchOf(value);
  for (const [one, other] of pairsAmong(refs)) {
    const key = linkKey(one, other);
    const before = session.get<LinkBody>(LINKS.name, key)?.value;
    // Identities are written before links: a link that is there was counted.
    if (before === undefined) for (const ref of [one, other]) countLink(ref, 1, entry, session);
    const body: LinkBody = {
      a: key.slice(0, one.length),
      b: key.slice(one.length),
      seen: before === undefined || seen < before.seen ? seen : before.seen,
      ...associated(before, value.metadata.dataset, batch, value.at),
    };
    putLink(key, body, session);
  }
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

/**
 * Takes the associations of a reverted batch away. Ends of links that are gone with them are added to `parted`, also when
 * a torn commit had removed the link already: links are written before profiles.
 */
export function removeLinks(
  entry: Entry<FragmentLifecycle>,
  groups: readonly (readonly IdentityRef[])[],
  parted: Set<IdentityRef>,
  session: Session,
): void {
  const { event } = entry.value;
  if (event.type !== BATCH_ITEMS_REVERTED) return;
  for (const [one, other] of groups.flatMap((refs) => [...pairsAmong(refs)])) {
    const key = linkKey(one, other);
    const before = session.get<LinkBody>(LINKS.name, key)?.value;
    if (before === undefined) for (const ref of [one, other]) parted.add(ref);
    if (before?.batches === undefined || !Object.hasOwn(before.batches, event.batch)) continue;
    const { [event.batch]: _removed, ...rest } = before.batches;
    const { batches: _batches, ...link } = before;
    const body: LinkBody = { ...link, ...(Object.keys(rest).length > 0 && { batches: rest }) };
    if (associationsOf(body).length > 0) {
      putLink(key, body, session);
      continue;
    }
    session.delete(LINKS.name, key);
    for (const ref of [one, other]) {
      parted.add(ref);
      countLink(ref, -1, entry, session);
    }
  }
}

function putLink(key: string, body: LinkBody, session: Session): void {
  const last = associationsOf(body).reduce((latest, one) => Math.max(latest, one.last), Number.NEGATIVE_INFINITY);
  session.put(LINKS.name, key, { a: body.a, b: body.b, last }, body);
}

function countLink(ref: IdentityRef, by: number, entry: EffectiveEntry, session: Session): void {
  const identity = session.get<IdentityBody>(IDENTITIES.name, ref);
  if (identity === undefined || isApplied(identity.position, entry)) return;
  session.put(IDENTITIES.name, ref, {}, { ...identity.value, links: identity.value.links + by });
}
