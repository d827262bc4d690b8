import type { DefaultMerge, IdentitySettings } from '#catalog';
import { POSITION_START, type IdentityRef, type JsonObject, type Position } from '#core';
import { mergeFragments, type MergeFragment } from '#profile';
import { isApplied, type Entry, type PageStage, type Session } from '#projection';

import {
  fragmentKey,
  FRAGMENTS,
  IDENTITIES,
  isNearLimit,
  PROFILES,
  type EventStatistics,
  type FragmentBody,
  type IdentityBody,
  type ProfileBody,
  type ProfileMember,
} from '../documents.js';
import type { FragmentLifecycle } from './fragment-change.js';
import type { ProfileChange } from './profile-change.js';
import { isLifecycle, type EffectiveEntry, type FoldedCluster, type ProfilePage } from './profile-page.js';
import { defaultMergeOf, RULES, identitySettingsOf, type RulesBody } from './rules.js';

/**
 * Third stage: the profile of every cluster that the page touched, computed from what its members bring along (event
 * statistics and fragments belong to owners, so clusters can join and part) and from the page.
 */
export const foldProfiles: PageStage<ProfileChange, ProfilePage> = {
  name: 'profiles',
  async fold(_entries, session, page) {
    const clusterOf = new Map<IdentityRef, ClusterDraft>();
    const drafts = page.clusters.map((cluster) => gather(cluster, session, page));
    for (const draft of drafts) for (const { ref } of draft.members) clusterOf.set(ref, draft);
    const named = new Set<IdentityRef>();
    for (const entry of page.effective) {
      const draft = clusterOf.get(entry.value.owner.ref);
      if (draft === undefined) continue;
      if (!isLifecycle(entry) || concerns(entry, named, session)) change(draft, entry, session, page);
      else if (draft.before.length > 0) noteRecord(draft, entry, session);
      if (page.lifecycles.size > 0) remember(entry, named);
    }
    for (const [entry, { parted }] of page.lifecycles) {
      for (const ref of parted.flat()) clusterOf.get(ref)?.changedAt.set(ref, latest(clusterOf.get(ref), ref, entry));
    }
    await session.load(FRAGMENTS.name, fragmentsToMerge(drafts));
    // Those that take members over come before those that give them up, so that no member is ever without a profile.
    for (const draft of takersFirst(drafts)) write(draft, session);
    removeAbsorbed(drafts, session);
  },
};

/** A profile while the page is folded. What belongs to an owner remembers from which commit it comes. */
interface ClusterDraft {
  readonly sandbox: string;
  readonly members: readonly ProfileMember[];
  /** Keys of the profiles that its members had before. */
  readonly before: readonly string[];
  readonly owners: Map<IdentityRef, OwnerDraft>;
  readonly merge: DefaultMerge;
  /** The identity settings by which it is a cluster. */
  readonly settings: Pick<IdentitySettings, 'version' | 'maxIdentities'>;
  readonly limited: boolean;
  /** As merged before; `undefined` when fragments, members or the rule changed, and the merge must be done again. */
  attributes: JsonObject | undefined;
  /** Of members that something happened to in this page. */
  readonly changedAt: Map<IdentityRef, number>;
}

interface OwnerDraft {
  readonly position: Position;
  readonly events: Map<string, EventStatistics>;
  readonly records: Set<string>;
}

function gather({ members: refs, limited }: FoldedCluster, session: Session, page: ProfilePage): ClusterDraft {
  const keys = new Set<string>();
  const members: ProfileMember[] = [];
  let sandbox = '';
  for (const ref of refs) {
    const key = session.keyOfMember(PROFILES.name, ref);
    const fresh = page.newMembers.get(ref);
    if (key !== undefined) keys.add(key);
    else if (fresh !== undefined) {
      members.push(fresh);
      sandbox ||= session.get<IdentityBody>(IDENTITIES.name, ref)?.value.sandbox ?? '';
    }
  }
  const wanted = new Set(refs);
  const profiles = [...keys].flatMap((key) => session.get<ProfileBody>(PROFILES.name, key) ?? []);
  const owners = new Map<IdentityRef, OwnerDraft>();
  for (const { position, value } of profiles) {
    // A torn commit may have left a member in two profiles; the later one has it.
    const key = value.members[0]?.ref;
    const isHere = (ref: IdentityRef) => wanted.has(ref) && session.keyOfMember(PROFILES.name, ref) === key;
    for (const member of value.members) {
      if (!isHere(member.ref)) continue;
      // Older than it was known to be: nearly never.
      const older = page.newMembers.get(member.ref);
      members.push(older === undefined ? member : { ...member, ...older });
    }
    for (const owner of new Set([...Object.keys(value.events), ...Object.keys(value.records)])) {
      if (isHere(owner)) owners.set(owner, ownerDraft(position, value, owner));
    }
  }
  const [only] = profiles;
  const same = only?.value.members.length === members.length && only.value.members.every(({ ref }) => wanted.has(ref));
  const home = only?.value.sandbox ?? sandbox;
  // Without a sandbox nobody is known to be a member, and nothing is written.
  const rules = home === '' ? undefined : session.get<RulesBody>(RULES.name, home)?.value;
  const merge = defaultMergeOf(rules);
  const unchanged = profiles.length === 1 && same && (only.value.policy ?? 0) === merge.revision;
  return {
    sandbox: home,
    merge,
    settings: identitySettingsOf(rules),
    limited,
    members: members.sort((a, b) => (a.seen < b.seen ? -1 : 1)),
    before: [...keys],
    owners,
    attributes: unchanged ? only.value.attributes : undefined,
    changedAt: new Map(),
  };
}

function ownerDraft(position: Position, { events, records }: ProfileBody, owner: IdentityRef): OwnerDraft {
  return { position, events: new Map(Object.entries(events[owner] ?? {})), records: new Set(records[owner]) };
}

/**
 * Whether there was a profile to change: not when nothing of the owner had shown yet, nor when the profile has had the
 * entry before a torn commit. `named`: identities that the page has met so far.
 */
function concerns(entry: Entry<FragmentLifecycle>, named: ReadonlySet<IdentityRef>, session: Session): boolean {
  const { ref } = entry.value.owner;
  const key = session.keyOfMember(PROFILES.name, ref);
  const profile = key === undefined ? undefined : session.get<ProfileBody>(PROFILES.name, key);
  return profile === undefined ? named.has(ref) : !isApplied(profile.position, entry);
}

function remember({ value }: EffectiveEntry, named: Set<IdentityRef>): void {
  if (value.kind === 'lifecycle') return;
  named.add(value.owner.ref);
  for (const { ref } of value.others) named.add(ref);
}

function change(draft: ClusterDraft, entry: EffectiveEntry, session: Session, page: ProfilePage): void {
  const { value } = entry;
  const { metadata, owner } = value;
  if (value.kind === 'association') return;
  const known = ownerOf(draft, owner.ref, session);
  draft.changedAt.set(owner.ref, latest(draft, owner.ref, entry));
  const isNews = !isApplied(known.position, entry);
  if (value.kind === 'event') {
    if (isNews) addEvent(known, metadata.dataset, value.at);
    return;
  }
  if (isLifecycle(entry) && isNews) {
    const statistics = page.lifecycles.get(entry)?.statistics;
    if (statistics === undefined) known.events.delete(metadata.dataset);
    else known.events.set(metadata.dataset, statistics);
  }
  noteRecord(draft, entry, session);
}

/** Whether the owner has a record in the dataset of the entry: as its fragment says now, however often entries come. */
function noteRecord(draft: ClusterDraft, { value }: EffectiveEntry, session: Session): void {
  const { ref } = value.owner;
  const { dataset } = value.metadata;
  const { records } = ownerOf(draft, ref, session);
  const fragment = session.get<FragmentBody>(FRAGMENTS.name, fragmentKey(ref, dataset));
  if (fragment?.value.shown === undefined) records.delete(dataset);
  else records.add(dataset);
  draft.attributes = undefined;
}

function ownerOf({ owners }: ClusterDraft, ref: IdentityRef, session: Session): OwnerDraft {
  const known = owners.get(ref) ?? newOwner(ref, session);
  owners.set(ref, known);
  return known;
}

function latest(draft: ClusterDraft | undefined, ref: IdentityRef, { value }: EffectiveEntry): number {
  return Math.max(draft?.changedAt.get(ref) ?? 0, value.metadata.ingestedAt);
}

function addEvent({ events }: OwnerDraft, dataset: string, at: number): void {
  const before = events.get(dataset);
  events.set(dataset, {
    count: (before?.count ?? 0) + 1,
    last: before === undefined ? at : Math.max(before.last, at),
  });
}

/**
 * Each cluster before those whose profiles gave it members. Two that exchange members cannot both come first: then a torn
 * commit can leave one of them without a profile.
 */
function takersFirst(drafts: readonly ClusterDraft[]): readonly ClusterDraft[] {
  const byKey = new Map(drafts.map((draft) => [draft.members[0]?.ref, draft]));
  const seen = new Set<ClusterDraft>();
  const givers: ClusterDraft[] = [];
  const visit = (draft: ClusterDraft): void => {
    if (seen.has(draft)) return;
    seen.add(draft);
    for (const key of draft.before) {
      const giver = byKey.get(key);
      if (giver !== undefined) visit(giver);
    }
    givers.push(draft);
  };
  for (const draft of drafts) visit(draft);
  return givers.reverse();
}

/** Owns nothing now; a profile that has it all the same is ahead of what it lost in a torn commit. */
function newOwner(ref: IdentityRef, session: Session): OwnerDraft {
  const key = session.keyOfMember(PROFILES.name, ref);
  const profile = key === undefined ? undefined : session.get<ProfileBody>(PROFILES.name, key);
  return { position: profile?.position ?? POSITION_START, events: new Map(), records: new Set() };
}

function* fragmentKeys({ owners }: ClusterDraft): Generator<string> {
  for (const [owner, { records }] of owners) for (const dataset of records) yield fragmentKey(owner, dataset);
}

function fragmentsToMerge(drafts: readonly ClusterDraft[]): Set<string> {
  const keys = new Set<string>();
  for (const draft of drafts) {
    if (draft.attributes === undefined) for (const key of fragmentKeys(draft)) keys.add(key);
  }
  return keys;
}

function write(draft: ClusterDraft, session: Session): void {
  const [first] = draft.members;
  if (first === undefined) return;
  const events: Record<IdentityRef, Record<string, EventStatistics>> = {};
  const records: Record<IdentityRef, readonly string[]> = {};
  for (const [owner, known] of draft.owners) {
    if (known.events.size > 0) events[owner] = Object.fromEntries(known.events);
    if (known.records.size > 0) records[owner] = [...known.records].sort();
  }
  const members = draft.members.map((member) => changedMember(member, draft.changedAt.get(member.ref)));
  const body: ProfileBody = {
    sandbox: draft.sandbox,
    members,
    attributes: draft.attributes ?? merged(draft, session),
    ...(draft.merge.revision > 0 && { policy: draft.merge.revision }),
    records,
    events,
    lastModifiedAt: members.reduce((last, { changedAt = 0 }) => Math.max(last, changedAt), 0),
    ...(draft.settings.version > 0 && { settings: draft.settings.version }),
    ...(draft.limited && { limited: true }),
  };
  const columns = {
    members: draft.members.map(({ ref }) => ref),
    sandbox: draft.sandbox,
    exists: hasOwn(records) || hasOwn(events) ? 1 : 0,
    ...(isNearLimit(members.length, draft.settings.maxIdentities) && { size: members.length }),
  };
  session.put(PROFILES.name, first.ref, columns, body);
}

function changedMember(member: ProfileMember, changedAt: number | undefined): ProfileMember {
  return changedAt === undefined || changedAt <= (member.changedAt ?? 0) ? member : { ...member, changedAt };
}

function hasOwn(object: object): boolean {
  for (const _key in object) return true;
  return false;
}

function merged(draft: ClusterDraft, session: Session): JsonObject {
  const fragments: MergeFragment[] = [];
  for (const key of fragmentKeys(draft)) {
    const fragment = session.get<FragmentBody>(FRAGMENTS.name, key)?.value;
    if (fragment?.shown !== undefined) fragments.push({ dataset: fragment.dataset, state: fragment.shown });
  }
  return mergeFragments(fragments, draft.merge.attributeMerge);
}

function removeAbsorbed(drafts: readonly ClusterDraft[], session: Session): void {
  const written = new Set(drafts.map(({ members }) => members[0]?.ref));
  for (const { before } of drafts) {
    for (const key of before) if (!written.has(key)) session.delete(PROFILES.name, key);
  }
  for (const key of session.superseded(PROFILES.name)) {
    const left = session.get<ProfileBody>(PROFILES.name, key)?.value.members ?? [];
    if (!written.has(key) && left.every(({ ref }) => session.keyOfMember(PROFILES.name, ref) !== key)) {
      session.delete(PROFILES.name, key);
    }
  }
}
