import {
  backfillFragment,
  BATCH_ITEMS_REVERTED,
  deleteFragment,
  FRAGMENT_BACKFILLED,
  FRAGMENT_DELETED,
  holdsAttributes,
  type RecordFragment,
} from '#profile';
import type { Entry, Session } from '#projection';
import type { ColumnValue } from '#read-store';

import {
  fragmentKey,
  FRAGMENTS,
  HIDDEN,
  ownerPrefix,
  TIMELINE,
  timelineOwner,
  type EventStatistics,
  type FragmentBody,
  type HiddenBody,
} from '../documents.js';
import type { FragmentLifecycle } from './fragment-change.js';
import type { ProfilePage } from './profile-page.js';

type LifecycleEntry = Entry<FragmentLifecycle>;

/**
 * What happens to a fragment as a whole. It concerns the items before it alone; later ones may be there already when the
 * entry comes again after a torn commit.
 */
export function applyLifecycle(entry: LifecycleEntry, session: Session, page: ProfilePage): void {
  const key = fragmentKey(entry.value.owner.ref, entry.value.metadata.dataset);
  const before = session.get<FragmentBody>(FRAGMENTS.name, key)?.value;
  if (before === undefined || before.revision < entry.revision) {
    putFragment(entry, key, before, session);
    if (entry.value.event.type === FRAGMENT_DELETED && holdsAttributes(before)) {
      page.counted.push({ entry, what: 'recordFragments', by: -1 });
    }
  }
  const events = eventsOf(entry, session, page);
  const parted = changeItems(entry, key, events, session, page);
  const left = eventsOf(entry, session, page);
  const by = left.length - events.length;
  if (by !== 0) page.counted.push({ entry, what: 'events', by });
  page.effective.push(entry);
  page.lifecycles.set(entry, { statistics: statisticsOf(left), parted });
}

function putFragment(
  { value, revision }: LifecycleEntry,
  key: string,
  before: FragmentBody | undefined,
  session: Session,
): void {
  const { metadata, owner, event } = value;
  const { sandbox, dataset } = metadata;
  const after: RecordFragment =
    event.type === FRAGMENT_DELETED
      ? deleteFragment(before, revision)
      : event.type === FRAGMENT_BACKFILLED && before !== undefined
        ? backfillFragment(before, revision)
        : { ...before, revision };
  const body: FragmentBody = { ...after, sandbox, dataset, owner: { namespace: owner.namespace, id: owner.id } };
  session.put(FRAGMENTS.name, key, {}, body);
}

interface TimelineItem {
  readonly key: string;
  readonly columns: Readonly<Record<string, ColumnValue>>;
}

/** The events of the fragment that came before the entry. */
function eventsOf({ value, revision }: LifecycleEntry, session: Session, page: ProfilePage): readonly TimelineItem[] {
  const { owner, metadata } = value;
  const prefix = ownerPrefix(owner.ref);
  if (!page.timelines.has(prefix)) return [];
  const wanted = timelineOwner(owner.ref);
  return session.withPrefix<string>(TIMELINE.name, prefix).flatMap(([key, { columns }]) => {
    const isOurs = columns['owner'] === wanted && columns['dataset'] === metadata.dataset;
    return isOurs && (columns['revision'] as number) < revision ? [{ key, columns }] : [];
  });
}

function statisticsOf(events: readonly TimelineItem[]): EventStatistics | undefined {
  if (events.length === 0) return undefined;
  const last = events.reduce(
    (latest, { columns }) => Math.max(latest, columns['at'] as number),
    Number.NEGATIVE_INFINITY,
  );
  return { count: events.length, last };
}

/** Removes or shows items. Answers the identities that each reverted event named, where it named several. */
function changeItems(
  entry: LifecycleEntry,
  key: string,
  events: readonly TimelineItem[],
  session: Session,
  page: ProfilePage,
): readonly (readonly string[])[] {
  const { event, owner } = entry.value;
  const hidden = session
    .withPrefix<HiddenBody>(HIDDEN.name, key)
    .filter(([at]) => Number.parseInt(at.slice(key.length), 16) < entry.revision);
  switch (event.type) {
    case FRAGMENT_DELETED:
      for (const one of events) session.delete(TIMELINE.name, one.key);
      for (const [at] of hidden) session.delete(HIDDEN.name, at);
      return [];
    case FRAGMENT_BACKFILLED:
      for (const [at, { value }] of hidden) {
        show(entry, Number.parseInt(at.slice(key.length), 16), value, session, page);
        session.delete(HIDDEN.name, at);
      }
      return [];
    case BATCH_ITEMS_REVERTED: {
      const reverted = events.filter(({ columns }) => columns['batch'] === event.batch);
      for (const one of reverted) session.delete(TIMELINE.name, one.key);
      for (const [at, { value }] of hidden) if (value.event?.batch === event.batch) session.delete(HIDDEN.name, at);
      return reverted.flatMap(({ columns }) => {
        const others = columns['others'];
        return typeof others === 'string' ? [[owner.ref, ...others.split(',')]] : [];
      });
    }
  }
}

/** An item that was hidden shows as it would have when it came: of two events with one id the earlier stays. */
function show(entry: LifecycleEntry, revision: number, hidden: HiddenBody, session: Session, page: ProfilePage): void {
  const { owner, metadata } = entry.value;
  const { event, ingestedAt, at, others, seen } = hidden;
  if (event !== undefined) {
    const known = session.get<string>(TIMELINE.name, event.key);
    if (known !== undefined && (known.columns['revision'] as number) < revision) return;
    const columns = {
      owner: timelineOwner(owner.ref),
      at,
      dataset: metadata.dataset,
      revision,
      ...(event.type !== undefined && { type: event.type }),
      ...(event.batch !== undefined && {
        batch: event.batch,
        ...(others.length > 0 && { others: others.map(({ ref }) => ref).join() }),
      }),
    };
    session.put(TIMELINE.name, event.key, columns, event.text);
  }
  const { sandbox, dataset } = metadata;
  page.effective.push({
    ...entry,
    value: {
      kind: 'association',
      metadata: { sandbox, dataset, ingestedAt },
      owner,
      others,
      at,
      seen,
      batch: event?.batch,
    },
  });
}
