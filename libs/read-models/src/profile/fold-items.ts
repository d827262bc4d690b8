import { canonicalJson, type JsonValue } from '#core';
import { replaceFragment } from '#profile';
import type { Session, StreamStage } from '#projection';

import { APPLIED, fragmentKey, FRAGMENTS, TIMELINE, timelineOwner, type FragmentBody } from '../documents.js';
import type { FragmentChange } from './fragment-change.js';
import type { FragmentEntry, ProfilePage } from './profile-page.js';

/**
 * First stage: each item becomes part of its fragment, a record in `fragments`, an event in `timeline`. An id that the
 * fragment has applied before makes the item be without effect, however late it comes.
 */
export const foldItems: StreamStage<FragmentChange, ProfilePage> = {
  async load(entries, session) {
    const fragments = new Set<string>();
    const applied = new Set<string>();
    const timeline = new Set<string>();
    for (const { value } of entries) {
      if (value.kind === 'event') timeline.add(value.itemKey as string);
      else {
        fragments.add(fragmentKey(value.owner.ref, value.metadata.dataset));
        if (value.itemKey !== undefined) applied.add(value.itemKey);
      }
    }
    await session.load(FRAGMENTS.name, fragments);
    await session.load(APPLIED.name, applied);
    await session.load(TIMELINE.name, timeline);
  },

  apply(entry, session, page) {
    if (entry.value.kind === 'event') applyEvent(entry, session, page);
    else applyRecord(entry, session, page);
  },
};

function applyEvent(entry: FragmentEntry, session: Session, page: ProfilePage): void {
  const { owner, metadata, ingested, at, itemKey: key } = entry.value;
  if (!metadata.shown) return;
  const known = session.get<string>(TIMELINE.name, key as string);
  if (known === undefined) {
    const { eventType } = ingested.item;
    const type = typeof eventType === 'string' ? { type: eventType } : {};
    const columns = {
      owner: timelineOwner(owner.ref),
      at,
      dataset: metadata.dataset,
      ...type,
      revision: entry.revision,
    };
    session.put(TIMELINE.name, key as string, columns, ingested.text);
    page.effective.push(entry);
  } else if (known.columns['revision'] === entry.revision) {
    // Its own document, written before a crash: the stages behind may not have had it.
    page.effective.push(entry);
  } else {
    const same = known.value === ingested.text || isSameContent(known.value, ingested.item);
    page.repeats.push({ entry, outcome: same ? 'duplicate' : 'id-reused' });
  }
}

function isSameContent(text: string, item: JsonValue): boolean {
  return canonicalJson(JSON.parse(text) as JsonValue) === canonicalJson(item);
}

function applyRecord(entry: FragmentEntry, session: Session, page: ProfilePage): void {
  const { owner, metadata, ingested, clientId, itemKey: appliedKey } = entry.value;
  const key = fragmentKey(owner.ref, metadata.dataset);
  const before = session.get<FragmentBody>(FRAGMENTS.name, key)?.value;
  if (appliedKey !== undefined && clientId !== undefined) {
    const known = session.get(APPLIED.name, appliedKey);
    if (known !== undefined && known.columns['revision'] !== entry.revision) {
      const outcome = known.columns['content'] === clientId.contentHash ? 'duplicate' : 'id-reused';
      page.repeats.push({ entry, outcome });
      // Only its revision moves on: that is what the next `$ifRevision` refers to.
      if (before !== undefined) session.put(FRAGMENTS.name, key, {}, { ...before, revision: entry.revision });
      return;
    }
    session.put(APPLIED.name, appliedKey, { content: clientId.contentHash, revision: entry.revision }, '');
  }
  if (metadata.shown) page.effective.push(entry);
  if (before !== undefined && before.revision >= entry.revision) return;
  const fragment = replaceFragment(before, {
    attributes: ingested.item,
    shown: metadata.shown,
    sourceTime: metadata.sourceTime,
    ingestedAt: metadata.ingestedAt,
    position: entry.position,
    revision: entry.revision,
  });
  const { sandbox, dataset } = metadata;
  const body: FragmentBody = { sandbox, dataset, owner: { namespace: owner.namespace, id: owner.id }, ...fragment };
  session.put(FRAGMENTS.name, key, {}, body);
}
