import type { Window } from './attribute-definition.js';

/**
 * How finely the partials of an attribute lie in time. Slots are cut at multiples of their width since 1970; a chunk is as
 * many of them as one document holds. Both are only where sums are stored: windows are exact whatever the widths.
 */
export interface Level {
  /** Two hexadecimal digits: part of the keys of its documents. */
  readonly code: string;
  /** Milliseconds. */
  readonly width: number;
  /** Slots to a chunk. */
  readonly chunk: number;
}

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;

/** For windows of hours: at most 144 slots and 2 x 10 minutes of events. A chunk is a day. */
export const TEN_MINUTES: Level = { code: '01', width: 10 * MINUTE, chunk: 144 };
/** For windows of days: at most 168 slots and 2 hours of events. A chunk is a week. */
export const HOURS: Level = { code: '02', width: 60 * MINUTE, chunk: 168 };
/** For windows of weeks and months, and for lifetimes: at most 184 slots (a lifetime: its days) and 2 days of events. */
export const DAYS: Level = { code: '03', width: DAY, chunk: 32 };

export function levelOf(window: Window | undefined): Level {
  switch (window?.unit) {
    case 'HOURS':
      return TEN_MINUTES;
    case 'DAYS':
      return HOURS;
    default:
      return DAYS;
  }
}

/** Number of the slot that an event time falls into; below 0 before 1970. */
export function slotOf({ width }: Level, at: number): number {
  return Math.floor(at / width);
}

/** Number of the chunk that a slot lies in. */
export function chunkOf({ chunk }: Level, slot: number): number {
  return Math.floor(slot / chunk);
}

/** A span of time, both ends in. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A window as it is read: whole slots, and what is left of it at its ends. */
export interface Cut {
  /** Numbers of slots, both in; `undefined` when no slot lies wholly in the window. */
  readonly slots: Span | undefined;
  /** Of which the events themselves are to be read. */
  readonly edges: readonly Span[];
}

/** `from` may be negative infinity: then nothing is cut there. */
export function cutWindow({ width }: Level, { from, to }: Span): Cut {
  const isOpen = from === Number.NEGATIVE_INFINITY;
  const first = isOpen ? from : Math.ceil(from / width);
  const last = Math.floor((to + 1) / width) - 1;
  if (first > last) return { slots: undefined, edges: [{ from, to }] };
  const start = { from, to: first * width - 1 };
  const end = { from: (last + 1) * width, to };
  const edges = isOpen ? [end] : [start, end];
  return { slots: { from: first, to: last }, edges: edges.filter((edge) => edge.from <= edge.to) };
}

/** The same times in as few spans as there can be, in order. */
export function joinSpans(spans: readonly Span[]): readonly Span[] {
  const joined: Span[] = [];
  for (const span of [...spans].sort((one, other) => one.from - other.from)) {
    const before = joined.at(-1);
    if (before === undefined || span.from > before.to + 1) joined.push(span);
    else joined[joined.length - 1] = { from: before.from, to: Math.max(before.to, span.to) };
  }
  return joined;
}
