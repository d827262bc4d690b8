import { canonicalJson, type JsonValue } from '#core';
import { changeFragment, holdsAttributes, isReleased, type ItemChange } from '#profile';
import { isApplied, type Entry, type Session, type StreamStage } from '#projection';

import {
  APPLIED,
  DATASET_COUNTS,
  datasetCountsKey,
  fragmentKey,
  FRAGMENTS,
  HIDDEN,
  hiddenKey,
  ownerPrefix,
  PROFILES,
  TIMELINE,
  timelineOwner,
  type FragmentBody,
  type HiddenBody,
  type ProfileBody,
} from '../documents.js';
import { applyLifecycle } from './fold-lifecycle.js';
import type {
  EventIngested,
  FragmentChange,
  FragmentLifecycle,
  ItemIngested,
  RecordIngested,
  UpsertIngested,
} from './fragment-change.js';
import type { FragmentEntry, ProfilePage } from './profile-page.js';

/**
 * First stage: each item becomes part of its fragment, a record or a patch in `fragments`, an event in `timeline`. An id
 * that the fragment has applied before makes the item be without effect, however late it comes, unless the id was
 * released meanwhile.
 *
 * Its collections are written after those of the stages behind. So whatever is found here that the entry, or a later one
 * of its fragment, has made, all that rests on it is written too: after a torn commit nothing is counted or linked twice,
 * and nothing that was deleted is taken for new.
 */
export const foldItems: StreamStage<FragmentChange, ProfilePage> = {
  async load(entries, session, page) {
    const fragments = new Set<string>();
    const applied = new Set<string>();
    const timeline = new Set<string>();
    const lifecycles: Entry<FragmentLifecycle>[] = [];
    for (const entry of entries) {
      const { value } = entry;
      if (value.kind === 'event') timeline.add(value.itemKey);
      else fragments.add(keyOfFragment(value));
      if (value.kind === 'lifecycle') lifecycles.push(entry as Entry<FragmentLifecycle>);
      else if (value.kind !== 'event' && value.itemKey !== undefined) applied.add(value.itemKey);
    }
    await loadGuarded(entries, session, fragments, page);
    await session.load(FRAGMENTS.name, fragments);
    await session.load(APPLIED.name, applied);
    await session.load(TIMELINE.name, timeline);
    await loadWholes(entries, lifecycles, session, page);
  },

  apply(entry, session, page) {
    const { value } = entry;
    if (value.kind === 'event') applyEvent(entry as Entry<EventIngested>, session, page);
    else if (value.kind === 'lifecycle') applyLifecycle(entry as Entry<FragmentLifecycle>, session, page);
    else applyRecord(entry as Entry<RecordIngested | UpsertIngested>, session, page);
  },
};

function keyOfFragment({ owner, metadata }: FragmentChange): string {
  return fragmentKey(owner.ref, metadata.dataset);
}

/**
 * What became of an event fragment as a whole matters to one event only when it comes again after something later was
 * folded. The counts of its dataset, written first, tell that cheaply: nearly always no fragment is loaded here.
 */
async function loadGuarded(
  entries: readonly FragmentEntry[],
  session: Session,
  fragments: Set<string>,
  page: ProfilePage,
): Promise<void> {
  const counts = new CountsKeys();
  await session.load(DATASET_COUNTS.name, new Set(entries.map((entry) => counts.of(entry))));
  for (const entry of entries) {
    const { kind } = entry.value;
    if (kind === 'event') {
      const known = session.get(DATASET_COUNTS.name, counts.of(entry));
      if (!entry.replayed && (known === undefined || !isApplied(known.position, entry))) continue;
    } else if (kind !== 'lifecycle') continue;
    const key = keyOfFragment(entry.value);
    fragments.add(key);
    page.guarded.add(key);
  }
}

/** Keys of dataset counts. All items of a request share their metadata, so a key is made once for them. */
export class CountsKeys {
  #metadata: FragmentChange['metadata'] | undefined;
  #key = '';

  of({ value: { metadata } }: FragmentEntry): string {
    if (metadata !== this.#metadata) {
      this.#metadata = metadata;
      this.#key = datasetCountsKey(metadata.sandbox, metadata.dataset);
    }
    return this.#key;
  }
}

/** What lifecycle events may change beside the fragments themselves. */
async function loadWholes(
  entries: readonly FragmentEntry[],
  lifecycles: readonly Entry<FragmentLifecycle>[],
  session: Session,
  page: ProfilePage,
): Promise<void> {
  if (lifecycles.length === 0) return;
  await session.loadByMember(PROFILES.name, new Set(lifecycles.map(({ value }) => value.owner.ref)));
  const eventful = new Set(entries.flatMap(({ value }) => (value.kind === 'event' ? [keyOfFragment(value)] : [])));
  const keys = lifecycles.map(({ value }) => keyOfFragment(value));
  await session.loadByPrefix(HIDDEN.name, keys);
  const hidden = new Map(keys.map((key) => [key, hiddenEvents(key, session)]));
  await session.load(TIMELINE.name, [...hidden.values()].flat());
  lifecycles.forEach((entry, index) => {
    const key = keys[index] as string;
    if (hidden.get(key)?.length === 0 && !eventful.has(key) && hasNoEvents(entry, key, session)) return;
    page.timelines.add(ownerPrefix(entry.value.owner.ref));
  });
  await session.loadByPrefix(TIMELINE.name, page.timelines);
}

/** Keys of the events that a fragment holds without showing them. */
function hiddenEvents(fragment: string, session: Session): readonly string[] {
  return session
    .withPrefix<HiddenBody>(HIDDEN.name, fragment)
    .flatMap(([, { value }]) => (value.event === undefined ? [] : [value.event.key]));
}

/**
 * Spares fragments of records a look through all events of their owner. A fragment may hold both: a dataset can be made
 * anew, of another class, before what it held is deleted. A profile that has had the entry no longer tells.
 */
function hasNoEvents(entry: Entry<FragmentLifecycle>, fragment: string, session: Session): boolean {
  if (!holdsAttributes(session.get<FragmentBody>(FRAGMENTS.name, fragment)?.value)) return false;
  const { owner, metadata } = entry.value;
  const key = session.keyOfMember(PROFILES.name, owner.ref);
  const profile = key === undefined ? undefined : session.get<ProfileBody>(PROFILES.name, key);
  if (profile === undefined || isApplied(profile.position, entry)) return false;
  return profile.value.events[owner.ref]?.[metadata.dataset] === undefined;
}

function applyEvent(entry: Entry<EventIngested>, session: Session, page: ProfilePage): void {
  const { metadata, ingested, itemKey } = entry.value;
  if (!metadata.shown) {
    hide(entry, session);
    return;
  }
  const known = session.get<string>(TIMELINE.name, itemKey);
  const isPast = isBeforeLifecycle(entry, session, page);
  if (known === undefined) {
    session.put(TIMELINE.name, itemKey, timelineColumns(entry), ingested.text);
    if (!isPast) page.effective.push(entry);
    return;
  }
  const revision = known.columns['revision'] as number;
  if (isPast || revision > entry.revision) return;
  if (revision === entry.revision) {
    page.effective.push(entry);
    return;
  }
  const same = known.value === ingested.text || isSameContent(known.value, ingested.item);
  page.counted.push({ entry, what: same ? 'duplicates' : 'idsReused', by: 1 });
}

function isBeforeLifecycle(entry: Entry<EventIngested>, session: Session, { guarded }: ProfilePage): boolean {
  if (guarded.size === 0) return false;
  const key = keyOfFragment(entry.value);
  if (!guarded.has(key)) return false;
  const fragment = session.get<FragmentBody>(FRAGMENTS.name, key);
  return fragment !== undefined && fragment.value.revision > entry.revision;
}

function timelineColumns({ value, revision }: Entry<EventIngested>) {
  const { owner, others, metadata, ingested, at } = value;
  const { eventType } = ingested.item;
  const { batch, dataset } = metadata;
  return {
    owner: timelineOwner(owner.ref),
    at,
    dataset,
    revision,
    ...(typeof eventType === 'string' && { type: eventType }),
    ...(batch !== undefined && { batch, ...(others.length > 0 && { others: others.map(({ ref }) => ref).join() }) }),
  };
}

function isSameContent(text: string, item: JsonValue): boolean {
  return canonicalJson(JSON.parse(text) as JsonValue) === canonicalJson(item);
}

/** Keeps what a backfill needs of an item that does not show. */
function hide({ value, revision, position }: Entry<ItemIngested>, session: Session): void {
  const { metadata, others, at } = value;
  const body: HiddenBody = {
    seen: position,
    ingestedAt: metadata.ingestedAt,
    at,
    others,
    ...(value.kind === 'event' && { event: hiddenEvent(value) }),
  };
  session.put(HIDDEN.name, hiddenKey(keyOfFragment(value), revision), {}, body);
}

function hiddenEvent({ itemKey, ingested, metadata }: EventIngested): NonNullable<HiddenBody['event']> {
  const { eventType } = ingested.item;
  const { batch } = metadata;
  return {
    key: itemKey,
    text: ingested.text,
    ...(typeof eventType === 'string' && { type: eventType }),
    ...(batch !== undefined && { batch }),
  };
}

function applyRecord(entry: Entry<RecordIngested | UpsertIngested>, session: Session, page: ProfilePage): void {
  const { owner, others, metadata, at } = entry.value;
  const key = keyOfFragment(entry.value);
  const before = session.get<FragmentBody>(FRAGMENTS.name, key)?.value;
  const isAhead = before !== undefined && before.revision >= entry.revision;
  if (!claimId(entry, before, session, page)) {
    // Only its revision moves on: that is what the next `$ifRevision` refers to.
    if (before !== undefined && !isAhead) session.put(FRAGMENTS.name, key, {}, { ...before, revision: entry.revision });
    return;
  }
  if (!metadata.shown) hide(entry, session);
  if (isAhead) {
    if (metadata.shown && metadata.ordering === undefined && !isDeletedLater(before, entry.revision))
      page.effective.push(entry);
    return;
  }
  const { outcome, fragment } = changeFragment(before, itemChange(entry));
  const { sandbox, dataset } = metadata;
  const body: FragmentBody = { sandbox, dataset, owner: { namespace: owner.namespace, id: owner.id }, ...fragment };
  session.put(FRAGMENTS.name, key, {}, body);
  if (outcome !== 'applied') page.counted.push({ entry, what: outcome, by: 1 });
  if (!holdsAttributes(before) && holdsAttributes(body)) {
    page.counted.push({ entry, what: 'recordFragments', by: 1 });
  }
  if (!metadata.shown) return;
  if (outcome === 'applied') page.effective.push(entry);
  else
    page.effective.push({
      ...entry,
      value: { kind: 'association', metadata, owner, others, at, seen: entry.position },
    });
}

function isDeletedLater({ deletes = [] }: FragmentBody, revision: number): boolean {
  return deletes.some((deleted) => deleted > revision);
}

function itemChange({ value, position, revision }: Entry<RecordIngested | UpsertIngested>): ItemChange {
  const { metadata } = value;
  return {
    content: value.kind === 'upsert' ? { patch: value.patch } : { record: value.ingested.item },
    shown: metadata.shown,
    sourceTime: metadata.sourceTime,
    ordering: metadata.ordering ?? 'arrival',
    ingestedAt: metadata.ingestedAt,
    position,
    revision,
  };
}

/** Takes the item's id, if it has one; false when another item has it. */
function claimId(
  entry: Entry<RecordIngested | UpsertIngested>,
  before: FragmentBody | undefined,
  session: Session,
  page: ProfilePage,
): boolean {
  const { clientId, itemKey } = entry.value;
  if (clientId === undefined || itemKey === undefined) return true;
  const known = session.get(APPLIED.name, itemKey);
  if (known !== undefined && known.columns['revision'] !== entry.revision) {
    const revision = known.columns['revision'] as number;
    if (revision > entry.revision) return false;
    if (before === undefined || !isReleased(before, revision, entry.revision)) {
      const same = known.columns['content'] === clientId.contentHash;
      page.counted.push({ entry, what: same ? 'duplicates' : 'idsReused', by: 1 });
      return false;
    }
  }
  session.put(APPLIED.name, itemKey, { content: clientId.contentHash, revision: entry.revision }, '');
  return true;
}
