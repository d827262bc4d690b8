import type { IdentityRef } from '#core';
import { joinClusters } from '#identity';
import type { PageStage, Session } from '#projection';

import {
  IDENTITIES,
  LINKS,
  linkKey,
  PROFILES,
  type IdentityBody,
  type LinkBody,
  type ProfileBody,
} from '../documents.js';
import { addLinks, pairsAmong, removeLinks } from './fold-links.js';
import type { KnownIdentity } from './fragment-change.js';
import type { ProfileChange } from './profile-change.js';
import { isLifecycle, type EffectiveEntry, type NamingEntry, type ProfilePage } from './profile-page.js';

/**
 * Second stage: identities that occur together in one effective item are linked pairwise, those that only a reverted
 * batch had linked fall apart, and the page learns which clusters it touched. Which links count is the graph's decision;
 * here every one does.
 */
export const foldIdentities: PageStage<ProfileChange, ProfilePage> = {
  name: 'identities',
  async fold(_entries, session, page) {
    const { effective } = page;
    await session.loadByMember(PROFILES.name, refsOf(effective, page));
    for (const key of session.superseded(PROFILES.name)) {
      await session.loadByMember(PROFILES.name, membersOf(key, session));
    }
    const naming = page.lifecycles.size === 0 ? (effective as NamingEntry[]) : effective.filter(isNaming);
    collectNewMembers(naming, session, page);
    const linking = naming.filter(({ value }) => value.others.length > 0);
    await loadGraph(linking, session, page);
    for (const entry of naming) {
      for (const identity of identitiesOf(entry)) meet(identity, entry, session, page);
    }
    const parted = new Set<IdentityRef>();
    for (const entry of page.lifecycles.size === 0 ? linking : effective) {
      if (isLifecycle(entry)) removeLinks(entry, page.lifecycles.get(entry)?.parted ?? [], parted, session);
      else if (isNaming(entry) && entry.value.others.length > 0) addLinks(entry, refsIn(entry), session);
    }
    const touched = touchedClusters(refsOf(effective, page), linking, session);
    page.clusters = parted.size === 0 ? touched : await fallApart(touched, parted, session);
  },
};

function isNaming(entry: EffectiveEntry): entry is NamingEntry {
  return !isLifecycle(entry);
}

function identitiesOf({ value }: NamingEntry): readonly KnownIdentity[] {
  return value.others.length === 0 ? [value.owner] : [value.owner, ...value.others];
}

function refsIn(entry: NamingEntry): readonly IdentityRef[] {
  return identitiesOf(entry).map(({ ref }) => ref);
}

function refsOf(entries: readonly EffectiveEntry[], { lifecycles }: ProfilePage): Set<IdentityRef> {
  const refs = new Set<IdentityRef>();
  for (const { value } of entries) {
    refs.add(value.owner.ref);
    if (value.kind !== 'lifecycle') for (const { ref } of value.others) refs.add(ref);
  }
  for (const { parted } of lifecycles.values()) for (const ref of parted.flat()) refs.add(ref);
  return refs;
}

function collectNewMembers(entries: readonly NamingEntry[], session: Session, page: ProfilePage): void {
  for (const entry of entries) {
    const { value, position } = entry;
    const isBackfilled = value.kind === 'association' && value.seen !== position;
    identitiesOf(entry).forEach(({ ref, namespace, id }, place) => {
      const key = session.keyOfMember(PROFILES.name, ref);
      // Only what was hidden can be older than what is known.
      if (!isBackfilled && (key !== undefined || page.newMembers.has(ref))) return;
      const seen = `${isBackfilled ? value.seen : position}.${place.toString(16).padStart(2, '0')}`;
      const known = page.newMembers.get(ref) ?? (key === undefined ? undefined : memberOf(key, ref, session));
      if (known !== undefined && known.seen <= seen) return;
      page.newMembers.set(ref, { ref, namespace, id, firstSeen: value.metadata.ingestedAt, seen });
    });
  }
}

function memberOf(profile: string, ref: IdentityRef, session: Session) {
  return session.get<ProfileBody>(PROFILES.name, profile)?.value.members.find((member) => member.ref === ref);
}

async function loadGraph(linking: readonly NamingEntry[], session: Session, page: ProfilePage): Promise<void> {
  const identities = new Set<IdentityRef>(page.newMembers.keys());
  const links = new Set<string>();
  const groups = linking.map(refsIn);
  for (const { parted } of page.lifecycles.values()) groups.push(...parted);
  for (const refs of groups) {
    for (const ref of refs) identities.add(ref);
    for (const [a, b] of pairsAmong(refs)) links.add(linkKey(a, b));
  }
  await session.load(IDENTITIES.name, identities);
  await session.load(LINKS.name, links);
}

/** Keeps an identity that is met for the first time. */
function meet({ ref }: KnownIdentity, { value }: NamingEntry, session: Session, page: ProfilePage): void {
  const member = page.newMembers.get(ref);
  if (member === undefined) return;
  const before = session.get<IdentityBody>(IDENTITIES.name, ref)?.value;
  const { namespace, id, firstSeen } = member;
  if (before !== undefined && before.firstSeen === firstSeen) return;
  const { sandbox } = value.metadata;
  const body: IdentityBody = { sandbox, namespace, id, firstSeen, links: before?.links ?? 0 };
  session.put(IDENTITIES.name, ref, {}, body);
}

/** Every cluster that the page touched, once, in the order in which the page met them. */
function touchedClusters(
  refs: ReadonlySet<IdentityRef>,
  linking: readonly NamingEntry[],
  session: Session,
): readonly (readonly IdentityRef[])[] {
  const groups: (readonly IdentityRef[])[] = [];
  const profiles = new Set<string>();
  for (const ref of refs) {
    const key = session.keyOfMember(PROFILES.name, ref);
    if (key === undefined) groups.push([ref]);
    else if (!profiles.has(key)) {
      profiles.add(key);
      groups.push(membersOf(key, session));
    }
  }
  if (linking.length === 0) return groups;
  return joinClusters([...groups, ...linking.map(refsIn)]);
}

function membersOf(profile: string, session: Session): readonly IdentityRef[] {
  return session.get<ProfileBody>(PROFILES.name, profile)?.value.members.map(({ ref }) => ref) ?? [];
}

/** Clusters of which links were removed, as their links now join them. */
async function fallApart(
  clusters: readonly (readonly IdentityRef[])[],
  parted: ReadonlySet<IdentityRef>,
  session: Session,
): Promise<readonly (readonly IdentityRef[])[]> {
  const parts: (readonly IdentityRef[])[] = [];
  for (const members of clusters) {
    if (!members.some((ref) => parted.has(ref))) {
      parts.push(members);
      continue;
    }
    await session.loadByMember(PROFILES.name, members);
    const links: (readonly IdentityRef[])[] = [];
    // A link's key begins with its end `a`: so each is found once.
    for (const ref of members) {
      await session.loadByPrefix(LINKS.name, ref);
      for (const [, { value }] of session.withPrefix<LinkBody>(LINKS.name, ref)) links.push([value.a, value.b]);
    }
    parts.push(...joinClusters([...members.map((ref) => [ref]), ...links]));
  }
  return parts;
}
