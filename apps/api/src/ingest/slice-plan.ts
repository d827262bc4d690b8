import { eventIds, type NewEvent, type StreamWrite, type WriteOutcome } from '#event-log';
import type { AcceptedItem } from '#profile';

/** The writes of a slice, and where each item went. */
export interface SlicePlan {
  readonly writes: readonly StreamWrite[];
  /** Aligned with the items. */
  readonly places: readonly WritePlace[];
}

export interface WritePlace {
  /** Index of the write. */
  readonly write: number;
  /** Index of the event in it. */
  readonly event: number;
}

/** An engine takes about a megabyte in one append; characters take three bytes at most. */
const MAX_WRITE_CHARACTERS = 300_000;

interface Group {
  readonly items: AcceptedItem[];
  readonly index: number;
  characters: number;
}

/**
 * Groups the items of one stream into one write, in request order: that is what makes appends cheap. An item with
 * `$ifRevision` stands alone, since the events of a write are refused together.
 */
export function planWrites(
  items: readonly AcceptedItem[],
  idsOf: (count: number) => readonly string[] = eventIds,
): SlicePlan {
  const groups: Group[] = [];
  const open = new Map<string, Group>();
  const places = items.map((item): WritePlace => {
    const group = open.get(item.stream);
    if (group !== undefined && item.expected === 'any' && group.characters + item.data.length <= MAX_WRITE_CHARACTERS) {
      group.characters += item.data.length;
      return { write: group.index, event: group.items.push(item) - 1 };
    }
    const next: Group = { items: [item], index: groups.length, characters: item.data.length };
    groups.push(next);
    if (item.expected === 'any') open.set(item.stream, next);
    else open.delete(item.stream);
    return { write: next.index, event: 0 };
  });
  const ids = idsOf(items.length).values();
  return { writes: groups.map((group) => writeOf(group.items, ids)), places };
}

/** The revision that an event of a written write got: those of one write are consecutive. */
export function revisionOf(
  { writes }: SlicePlan,
  { write, event }: WritePlace,
  outcome: Extract<WriteOutcome, { outcome: 'written' }>,
): number {
  const behind = (writes[write]?.events.length ?? 1) - 1 - event;
  return outcome.revision - behind;
}

function writeOf(items: readonly AcceptedItem[], ids: Iterator<string>): StreamWrite {
  const [{ stream, expected }] = items as readonly [AcceptedItem];
  return { stream, expected, events: items.map((item) => newEvent(item, ids.next().value as string)) };
}

function newEvent({ eventType: type, data, metadata, clientId }: AcceptedItem, id: string): NewEvent {
  // Most have just this; spreading options into every event costs as much as the rest of this file.
  if (metadata === undefined && clientId !== undefined) return { id, type, data, clientId };
  return {
    id,
    type,
    data,
    ...(metadata !== undefined && { metadata: { ...metadata } }),
    ...(clientId !== undefined && { clientId }),
  };
}
