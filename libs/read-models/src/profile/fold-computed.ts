import { compileAttribute, slotOf, type Level, type Partial } from '#computed-attributes';
import type { JsonObject, SandboxId } from '#core';
import { isApplied, type PageStage, type Session } from '#projection';

import { IDENTITIES, ownerPrefix, TIMELINE, timelineOwner, type IdentityBody } from '../documents.js';
import {
  ATTRIBUTES,
  datasetHash,
  datasetOfPartials,
  PARTIALS,
  partialsKey,
  tieOf,
  type AttributesBody,
  type FoldedAttribute,
} from './computed-documents.js';
import type { FilledRange } from './filling.events.js';
import type { ProfileChange } from './profile-change.js';
import { isLifecycle, type EffectiveEntry, type ProfilePage } from './profile-page.js';
import { PartialsDraft, type LiveAttribute } from './partials-draft.js';

/**
 * What events come to in the published attributes, as partials of their owners: clusters add them up when they are read,
 * so nothing is done here when they join or part. Events are added one by one. What cannot be subtracted, because a fragment
 * lost events or got some that are older, is made anew from the timeline, which has the page in it already.
 *
 * Its documents are written before the timeline: so what a torn commit has left there is never ahead of them.
 */
export const foldComputed: PageStage<ProfileChange, ProfilePage> = {
  name: 'computed attributes',
  async fold(_entries, session, page) {
    const draftOf = new DraftsBySandbox(session);
    const remade = await remakeFragments(draftOf, session, page);
    await addEvents(draftOf, session, page, remade);
    for (const range of page.filled) await fillRange(range, draftOf, session);
    draftOf.put();
  },
};

/** The drafts of a page, one for each sandbox that has attributes. */
class DraftsBySandbox {
  readonly #drafts = new Map<SandboxId, SandboxDraft | undefined>();

  constructor(private readonly session: Session) {}

  /** `undefined`: nothing is computed there. */
  of(sandbox: SandboxId): SandboxDraft | undefined {
    if (this.#drafts.has(sandbox)) return this.#drafts.get(sandbox);
    const body = this.session.get<AttributesBody>(ATTRIBUTES.name, sandbox)?.value;
    const live = body === undefined ? [] : liveAttributes(body);
    const draft =
      live.length === 0
        ? undefined
        : { live, partials: new PartialsDraft(this.session, new Set(live.map(({ id }) => id))) };
    this.#drafts.set(sandbox, draft);
    return draft;
  }

  put(): void {
    for (const draft of this.#drafts.values()) draft?.partials.put();
  }
}

interface SandboxDraft {
  readonly live: readonly LiveAttribute[];
  readonly partials: PartialsDraft;
}

/** Compiling takes longer than a page: kept for as long as the document is. */
const compiled = new WeakMap<AttributesBody, readonly LiveAttribute[]>();

function liveAttributes(body: AttributesBody): readonly LiveAttribute[] {
  const known = compiled.get(body);
  if (known !== undefined) return known;
  const live = Object.values(body.attributes)
    .map(liveAttribute)
    .sort((one, other) => Number(one.level.code) - Number(other.level.code));
  compiled.set(body, live);
  return live;
}

function liveAttribute({ id, definition }: FoldedAttribute): LiveAttribute {
  return { id, ...compileAttribute(definition) };
}

interface Addition {
  readonly entry: EffectiveEntry;
  readonly key: string;
  readonly attribute: LiveAttribute;
  readonly slot: number;
  readonly partial: Partial;
  readonly draft: PartialsDraft;
}

/** `remade`: fragments whose events are counted already, as `fragmentOf` names them. */
async function addEvents(
  draftOf: DraftsBySandbox,
  session: Session,
  page: ProfilePage,
  remade: ReadonlySet<string>,
): Promise<void> {
  const additions: Addition[] = [];
  const keys = new Set<string>();
  for (const entry of page.effective) {
    const { value } = entry;
    if (value.kind !== 'event') continue;
    const { sandbox, dataset } = value.metadata;
    const draft = draftOf.of(sandbox);
    if (draft === undefined) continue;
    const owner = timelineOwner(value.owner.ref);
    if (remade.has(fragmentOf(owner, dataset))) continue;
    const event = { at: value.at, tie: tieOf(value.itemKey), dataset, data: value.ingested.item };
    const { partials } = draft;
    eachPartial(draft.live, owner, event, (key, attribute, slot, partial) => {
      keys.add(key);
      additions.push({ entry, key, attribute, slot, partial, draft: partials });
    });
  }
  await session.load(PARTIALS.name, keys);
  for (const { entry, key, attribute, slot, partial, draft } of additions) {
    const before = session.get(PARTIALS.name, key);
    if (before === undefined || !isApplied(before.position, entry)) draft.add(key, attribute, slot, partial);
  }
}

interface StoredEvent {
  readonly dataset: string;
  readonly at: number;
  readonly tie: string;
  readonly data: JsonObject;
}

type VisitPartial = (key: string, attribute: LiveAttribute, slot: number, partial: Partial) => void;

/** What an event comes to in each attribute, with where that is kept. `live`: those of one level stand together. */
function eachPartial(live: readonly LiveAttribute[], owner: string, event: StoredEvent, visit: VisitPartial): void {
  const { dataset, at, data } = event;
  let level: Level | undefined;
  let slot = 0;
  let key: string | undefined;
  for (const attribute of live) {
    if (!attribute.takes(dataset)) continue;
    const partial = attribute.partialOf(data, event);
    if (partial === undefined) continue;
    if (attribute.level !== level) {
      level = attribute.level;
      slot = slotOf(level, at);
      key = undefined;
    }
    key ??= partialsKey(owner, level, slot, dataset);
    visit(key, attribute, slot, partial);
  }
}

/** Of fragments that were deleted, had a batch reverted or were backfilled. Answers which. */
async function remakeFragments(
  draftOf: DraftsBySandbox,
  session: Session,
  page: ProfilePage,
): Promise<ReadonlySet<string>> {
  const remade = new Map<string, RemadeFragment>();
  for (const entry of page.effective) {
    if (!isLifecycle(entry)) continue;
    const { owner, metadata } = entry.value;
    const { sandbox, dataset } = metadata;
    const draft = draftOf.of(sandbox);
    const timeline = ownerPrefix(owner.ref);
    // Where the page did not look into the timeline, the fragment has no events.
    if (draft === undefined || !page.timelines.has(timeline)) continue;
    const ours = timelineOwner(owner.ref);
    remade.set(fragmentOf(ours, dataset), { draft, timeline, owner: ours, dataset });
  }
  const fragments = [...remade.values()];
  await session.loadByPrefix(
    PARTIALS.name,
    fragments.map(({ owner }) => owner),
  );
  for (const fragment of fragments) {
    const { draft, owner } = fragment;
    clearPartials(fragment, session);
    const left = eventsLeft(fragment, session);
    const keys = new Set<string>();
    for (const event of left) eachPartial(draft.live, owner, event, (key) => keys.add(key));
    await session.load(PARTIALS.name, keys);
    for (const event of left) eachPartial(draft.live, owner, event, (...partial) => draft.partials.add(...partial));
  }
  return new Set(remade.keys());
}

interface RemadeFragment {
  readonly draft: SandboxDraft;
  readonly timeline: string;
  readonly owner: string;
  readonly dataset: string;
}

function clearPartials({ draft, owner, dataset }: RemadeFragment, session: Session): void {
  const suffix = datasetHash(dataset);
  for (const [key] of session.withPrefix(PARTIALS.name, owner)) {
    if (datasetOfPartials(key) === suffix) draft.partials.clear(key);
  }
}

function eventsLeft({ timeline, owner, dataset }: RemadeFragment, session: Session): readonly StoredEvent[] {
  return session
    .withPrefix<string>(TIMELINE.name, timeline)
    .filter(([, { columns }]) => columns['owner'] === owner && columns['dataset'] === dataset)
    .map(([key, { columns, value }]) => storedEvent(key, columns, value));
}

/** Computes one attribute anew for the owners of a range, from everything that their timelines have. */
async function fillRange(range: FilledRange, draftOf: DraftsBySandbox, session: Session): Promise<void> {
  const { sandbox, keyPrefix, job } = range;
  const folded = session.get<AttributesBody>(ATTRIBUTES.name, sandbox)?.value.attributes[range.attribute];
  const draft = draftOf.of(sandbox);
  const attribute = draft?.live.find(({ id }) => id === folded?.id);
  if (folded?.job !== job || draft === undefined || attribute === undefined) return;
  const owners = new Set<string>();
  for (const ref of await session.scan(IDENTITIES.name, { keyPrefix }, Number.POSITIVE_INFINITY)) {
    if (session.get<IdentityBody>(IDENTITIES.name, ref)?.value.sandbox === sandbox) owners.add(timelineOwner(ref));
  }
  const found: { readonly key: string; readonly slot: number; readonly partial: Partial }[] = [];
  const keys = new Set<string>();
  for (const key of await session.scan(TIMELINE.name, { keyPrefix }, Number.POSITIVE_INFINITY)) {
    const event = session.get<string>(TIMELINE.name, key);
    const owner = event?.columns['owner'];
    if (event === undefined || typeof owner !== 'string' || !owners.has(owner)) continue;
    eachPartial([attribute], owner, storedEvent(key, event.columns, event.value), (at, _attribute, slot, partial) => {
      found.push({ key: at, slot, partial });
      keys.add(at);
    });
  }
  await session.load(PARTIALS.name, keys);
  // What came in since the publishing is in the timeline, too.
  for (const key of keys) draft.partials.clear(key, attribute.id);
  for (const { key, slot, partial } of found) draft.partials.add(key, attribute, slot, partial);
}

function storedEvent(key: string, columns: Readonly<Record<string, unknown>>, text: string): StoredEvent {
  return {
    dataset: columns['dataset'] as string,
    at: columns['at'] as number,
    tie: tieOf(key),
    data: JSON.parse(text) as JsonObject,
  };
}

function fragmentOf(owner: string, dataset: string): string {
  return owner + dataset;
}
