import type { IdentityRef } from '#core';
import { joinClusters } from '#identity';
import { isApplied, type PageStage, type Session } from '#projection';

import {
  IDENTITIES,
  LINKS,
  linkKey,
  PROFILES,
  type IdentityBody,
  type LinkBody,
  type ProfileBody,
  type ProfileMember,
} from '../documents.js';
import type { FragmentChange, KnownIdentity } from './fragment-change.js';
import type { FragmentEntry, ProfilePage } from './profile-page.js';

/**
 * Second stage: identities that occur together in one effective item are linked pairwise, and the page learns which
 * clusters it touched. Which links count is the graph's decision; here every one does.
 */
export const foldIdentities: PageStage<FragmentChange, ProfilePage> = {
  name: 'identities',
  async fold(_entries, session, page) {
    const { effective } = page;
    await session.loadByMember(PROFILES.name, refsOf(effective));
    collectNewMembers(effective, session, page);
    const linking = effective.filter(({ value }) => value.others.length > 0);
    await loadIdentities(linking, session, page);
    for (const entry of effective) {
      for (const identity of identitiesOf(entry)) meet(identity, entry, session, page);
    }
    for (const entry of linking) link(entry, session);
    page.clusters = touchedClusters(effective, linking, session);
  },
};

function identitiesOf({ value }: FragmentEntry): readonly KnownIdentity[] {
  return value.others.length === 0 ? [value.owner] : [value.owner, ...value.others];
}

function refsOf(entries: readonly FragmentEntry[]): Set<IdentityRef> {
  const refs = new Set<IdentityRef>();
  for (const { value } of entries) {
    refs.add(value.owner.ref);
    for (const { ref } of value.others) refs.add(ref);
  }
  return refs;
}

function collectNewMembers(entries: readonly FragmentEntry[], session: Session, page: ProfilePage): void {
  for (const entry of entries) {
    identitiesOf(entry).forEach(({ ref, namespace, id }, place) => {
      if (session.keyOfMember(PROFILES.name, ref) !== undefined || page.newMembers.has(ref)) return;
      const seen = `${entry.position}.${place.toString(16).padStart(2, '0')}`;
      const member: ProfileMember = { ref, namespace, id, firstSeen: entry.value.metadata.ingestedAt, seen };
      page.newMembers.set(ref, member);
    });
  }
}

async function loadIdentities(linking: readonly FragmentEntry[], session: Session, page: ProfilePage): Promise<void> {
  const identities = refsOf(linking);
  for (const ref of page.newMembers.keys()) identities.add(ref);
  const links = new Set<string>();
  for (const entry of linking) for (const [a, b] of pairsOf(entry)) links.add(linkKey(a, b));
  await session.load(IDENTITIES.name, identities);
  await session.load(LINKS.name, links);
}

function* pairsOf(entry: FragmentEntry): Generator<readonly [IdentityRef, IdentityRef]> {
  const refs = identitiesOf(entry).map(({ ref }) => ref);
  for (let i = 0; i < refs.length; i += 1) {
    for (let j = i + 1; j < refs.length; j += 1) yield [refs[i] as IdentityRef, refs[j] as IdentityRef];
  }
}

/** Keeps an identity that is met for the first time. */
function meet({ ref }: KnownIdentity, { value }: FragmentEntry, session: Session, page: ProfilePage): void {
  const member = page.newMembers.get(ref);
  if (member === undefined || session.get(IDENTITIES.name, ref) !== undefined) return;
  const { namespace, id, firstSeen } = member;
  const body: IdentityBody = { sandbox: value.metadata.sandbox, namespace, id, firstSeen, links: 0 };
  session.put(IDENTITIES.name, ref, {}, body);
}

function link(entry: FragmentEntry, session: Session): void {
  const { at, metadata } = entry.value;
  for (const [one, other] of pairsOf(entry)) {
    const key = linkKey(one, other);
    const before = session.get<LinkBody>(LINKS.name, key)?.value;
    if (before === undefined || before.seen === entry.position) {
      countLink(one, entry, session);
      countLink(other, entry, session);
    }
    const association = before?.datasets[metadata.dataset] ?? { first: at, last: at };
    const body: LinkBody = {
      a: key.slice(0, one.length),
      b: key.slice(one.length),
      seen: before?.seen ?? entry.position,
      datasets: {
        ...before?.datasets,
        [metadata.dataset]: { first: Math.min(association.first, at), last: Math.max(association.last, at) },
      },
    };
    const last = Math.max(...Object.values(body.datasets).map((one) => one.last));
    session.put(LINKS.name, key, { a: body.a, b: body.b, last }, body);
  }
}

function countLink(ref: IdentityRef, entry: FragmentEntry, session: Session): void {
  const identity = session.get<IdentityBody>(IDENTITIES.name, ref);
  if (identity === undefined) return;
  const { position, value } = identity;
  if (isApplied(position, entry)) return;
  session.put(IDENTITIES.name, ref, {}, { ...value, links: value.links + 1 });
}

/** Every cluster that the page touched, once, in the order in which the page met them. */
function touchedClusters(
  effective: readonly FragmentEntry[],
  linking: readonly FragmentEntry[],
  session: Session,
): readonly (readonly IdentityRef[])[] {
  const groups: (readonly IdentityRef[])[] = [];
  const profiles = new Set<string>();
  for (const ref of refsOf(effective)) {
    const key = session.keyOfMember(PROFILES.name, ref);
    if (key === undefined) groups.push([ref]);
    else if (!profiles.has(key)) {
      profiles.add(key);
      groups.push(membersOf(key, session));
    }
  }
  if (linking.length === 0) return groups;
  return joinClusters([...groups, ...linking.map((entry) => identitiesOf(entry).map(({ ref }) => ref))]);
}

function membersOf(profile: string, session: Session): readonly IdentityRef[] {
  return session.get<ProfileBody>(PROFILES.name, profile)?.value.members.map(({ ref }) => ref) ?? [];
}
