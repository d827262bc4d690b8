import type { IdentityRef, Position, SandboxId } from '#core';
import type { Entry, PageStage, Session, SessionDocument } from '#projection';

import {
  IDENTITIES,
  LINKS,
  linkKey,
  PROFILES,
  type IdentityBody,
  type LinkBody,
  type ProfileBody,
} from '../documents.js';
import { evaluateClusters, loadLeftBehind, type SandboxChanges } from './evaluate-clusters.js';
import { isAssociated, PageLinks, pairsAmong, placeInItem, putIdentity } from './fold-links.js';
import type { KnownIdentity } from './fragment-change.js';
import type { ProfileChange } from './profile-change.js';
import {
  isLifecycle,
  type EffectiveEntry,
  type FoldedCluster,
  type NamingEntry,
  type ProfilePage,
} from './profile-page.js';
import type { ProfilesReevaluated } from './reevaluation.events.js';
import { defaultMergeOf, identitySettingsOf, RULES, type RulesBody } from './rules.js';
import { isTorn } from './stored-graph.js';

/**
 * Second stage: identities that occur together in one effective item are linked pairwise, those of a reverted batch part,
 * and the graph says which clusters that makes. The page learns of every cluster that it touched.
 */
export function foldIdentities({ candidates }: GraphBounds): PageStage<ProfileChange, ProfilePage> {
  return {
    name: 'identities',
    fold: (entries, session, page) => foldGraph(entries, session, page, candidates),
  };
}

export interface GraphBounds {
  /** How many links of an identity are considered, the newest first. */
  readonly candidates: number;
}

async function foldGraph(
  entries: readonly Entry<ProfileChange>[],
  session: Session,
  page: ProfilePage,
  candidates: number,
): Promise<void> {
  const { effective } = page;
  const refs = refsOf(page);
  await session.loadByMember(PROFILES.name, refs);
  await loadLeftBehind(session);
  const naming = page.lifecycles.size === 0 ? (effective as NamingEntry[]) : effective.filter(isNaming);
  collectNewMembers(naming, session, page);
  await loadPairs(naming, session, page);
  for (const entry of naming) {
    for (const identity of identitiesOf(entry)) meet(identity, entry, session, page);
  }
  const from = entries.find(({ replayed }) => !replayed)?.position;
  const evaluated = new Map<IdentityRef, FoldedCluster>();
  for (const [sandbox, changes] of await changesBySandbox(page, refs, session, from)) {
    for (const cluster of await evaluateClusters(sandbox, changes, { session, from, candidates })) {
      for (const ref of cluster.members) evaluated.set(ref, cluster);
    }
  }
  for (const ref of await mergedOtherwise(page, session)) refs.add(ref);
  page.clusters = touchedClusters(refs, evaluated, session);
}

async function changesBySandbox(
  page: ProfilePage,
  refs: ReadonlySet<IdentityRef>,
  session: Session,
  from: Position | undefined,
): Promise<ReadonlyMap<SandboxId, SandboxChanges>> {
  const sandboxes = new Map<SandboxId, SandboxChanges>();
  const of = (sandbox: SandboxId): SandboxChanges => {
    const known = sandboxes.get(sandbox) ?? {
      links: new PageLinks(session, from),
      refresh: new Set(),
      isTorn: false,
    };
    sandboxes.set(sandbox, known);
    return known;
  };
  for (const entry of page.effective) {
    const { sandbox } = entry.value.metadata;
    if (isLifecycle(entry)) {
      const parted = page.lifecycles.get(entry)?.parted ?? [];
      if (parted.length > 0) of(sandbox).links.part(entry, parted);
    } else if (isNaming(entry) && entry.value.others.length > 0) of(sandbox).links.associate(entry, refsIn(entry));
  }
  for (const entry of page.blocked) of(entry.value.metadata.sandbox).links.block(entry);
  for (const { links, refresh } of sandboxes.values()) for (const ref of links.parted) refresh.add(ref);
  const profiles = [...profilesOf(refs, session)];
  for (const range of page.reevaluated) profiles.push(...(await profilesIn(range, session)));
  for (const profile of profiles) {
    const { sandbox, settings = 0, members } = profile.value;
    if (isTorn(profile, from)) of(sandbox).isTorn = true;
    if (settings === identitySettingsOf(session.get<RulesBody>(RULES.name, sandbox)?.value).version) continue;
    for (const { ref } of members) of(sandbox).refresh.add(ref);
  }
  for (const key of session.superseded(PROFILES.name)) {
    const profile = session.get<ProfileBody>(PROFILES.name, key);
    if (profile !== undefined) of(profile.value.sandbox).isTorn = true;
  }
  return sandboxes;
}

type ProfileDocument = SessionDocument<ProfileBody>;

function profilesOf(refs: ReadonlySet<IdentityRef>, session: Session): ReadonlySet<ProfileDocument> {
  const profiles = new Set<ProfileDocument>();
  for (const ref of refs) {
    const key = session.keyOfMember(PROFILES.name, ref);
    const profile = key === undefined ? undefined : session.get<ProfileBody>(PROFILES.name, key);
    if (profile !== undefined) profiles.add(profile);
  }
  return profiles;
}

/** The profiles of a sandbox in a range of keys. */
async function profilesIn(
  { sandbox, keyPrefix }: ProfilesReevaluated,
  session: Session,
): Promise<readonly ProfileDocument[]> {
  await session.loadByPrefix(PROFILES.name, [keyPrefix]);
  return session
    .withPrefix<ProfileBody>(PROFILES.name, keyPrefix)
    .flatMap(([, document]) => (document.value.sandbox === sandbox ? [document] : []));
}

/** Members of the profiles that were merged by another rule than the one that now stands. */
async function mergedOtherwise(page: ProfilePage, session: Session): Promise<readonly IdentityRef[]> {
  const refs: IdentityRef[] = [];
  for (const range of page.reevaluated) {
    const { revision } = defaultMergeOf(session.get<RulesBody>(RULES.name, range.sandbox)?.value);
    for (const { value } of await profilesIn(range, session)) {
      if ((value.policy ?? 0) !== revision) refs.push(...value.members.map(({ ref }) => ref));
    }
  }
  await session.loadByMember(PROFILES.name, refs);
  return refs;
}

function isNaming(entry: EffectiveEntry): entry is NamingEntry {
  return !isLifecycle(entry);
}

function identitiesOf({ value }: NamingEntry): readonly KnownIdentity[] {
  return value.others.length === 0 ? [value.owner] : [value.owner, ...value.others];
}

function refsIn(entry: NamingEntry): readonly IdentityRef[] {
  return identitiesOf(entry).map(({ ref }) => ref);
}

function refsOf({ effective, lifecycles }: ProfilePage): Set<IdentityRef> {
  const refs = new Set<IdentityRef>();
  for (const { value } of effective) {
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
      const seen = `${isBackfilled ? value.seen : position}.${placeInItem(place)}`;
      const known = page.newMembers.get(ref) ?? (key === undefined ? undefined : memberOf(key, ref, session));
      if (known !== undefined && known.seen <= seen) return;
      page.newMembers.set(ref, { ref, namespace, id, firstSeen: value.metadata.ingestedAt, seen });
    });
  }
}

function memberOf(profile: string, ref: IdentityRef, session: Session) {
  return session.get<ProfileBody>(PROFILES.name, profile)?.value.members.find((member) => member.ref === ref);
}

/**
 * Loads the links among the identities that items name together, or that a batch had, and those of their ends of which
 * the number of links changes.
 */
async function loadPairs(naming: readonly NamingEntry[], session: Session, page: ProfilePage): Promise<void> {
  const identities = new Set<IdentityRef>(page.newMembers.keys());
  const links = new Set<string>();
  const groups = naming.flatMap((entry) => (entry.value.others.length > 0 ? [refsIn(entry)] : []));
  const parted = [...page.lifecycles.values()].flatMap((events) => events.parted);
  for (const refs of [...groups, ...parted, ...page.blocked.map(({ value: { a, b } }) => [a.ref, b.ref])]) {
    for (const [a, b] of pairsAmong(refs)) links.add(linkKey(a, b));
  }
  await session.load(LINKS.name, links);
  for (const ref of parted.flat()) identities.add(ref);
  for (const key of links) {
    if (isAssociated(session.get<LinkBody>(LINKS.name, key)?.value)) continue;
    identities.add(key.slice(0, key.length / 2)).add(key.slice(key.length / 2));
  }
  await session.load(IDENTITIES.name, identities);
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
  putIdentity(ref, body, session);
}

/** Every cluster that the page touched, once: as the graph has made it, else as it was. */
function touchedClusters(
  refs: ReadonlySet<IdentityRef>,
  evaluated: ReadonlyMap<IdentityRef, FoldedCluster>,
  session: Session,
): readonly FoldedCluster[] {
  const clusters = new Set(evaluated.values());
  const profiles = new Set<string>();
  for (const ref of refs) {
    if (evaluated.has(ref)) continue;
    const key = session.keyOfMember(PROFILES.name, ref);
    if (key === undefined) clusters.add({ members: [ref], limited: false });
    else if (!profiles.has(key)) {
      profiles.add(key);
      const profile = session.get<ProfileBody>(PROFILES.name, key)?.value;
      clusters.add({ members: membersOf(key, session), limited: profile?.limited === true });
    }
  }
  return [...clusters];
}

function membersOf(profile: string, session: Session): readonly IdentityRef[] {
  return session.get<ProfileBody>(PROFILES.name, profile)?.value.members.map(({ ref }) => ref) ?? [];
}
