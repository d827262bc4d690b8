import type { Position } from '#core';
import type { RecordedEvent } from '#event-log';
import type { CollectionSpec, DocumentReader } from '#read-store';

import type { ProjectedCollection } from './projected-collection.js';
import { isApplied, type Entry } from './projection.js';
import type { Session } from './session.js';

/** Streams that stand still because one of their events cannot be folded. Part of every projection. */
export const PARKED = {
  name: 'parked',
  key: 'text',
  columns: {},
  indexes: [],
} as const satisfies CollectionSpec;

export const PARKED_COLLECTION: ProjectedCollection = { spec: PARKED, codec: 'json', cache: 1_000 };

export interface ParkedBody {
  readonly stream: string;
  /** The event that could not be folded. */
  readonly revision: number;
  readonly position: Position;
  readonly type: string;
  readonly error: string;
  /** Later events of the stream that wait behind it. */
  readonly waiting: number;
}

const SCAN_PAGE = 500;

/** Which streams are parked. Changes of a page count when the page is committed. */
export class ParkedStreams {
  #committed = new Set<string>();
  #page = new Map<string, 'parked' | 'released'>();

  async load(reader: DocumentReader): Promise<void> {
    this.#committed = new Set();
    this.#page.clear();
    let after: { readonly key: string } | undefined;
    for (;;) {
      const found = await reader.scan(PARKED.name, { limit: SCAN_PAGE, body: false, ...(after && { after }) });
      for (const { key } of found) this.#committed.add(key);
      const last = found.at(-1);
      if (last === undefined || found.length < SCAN_PAGE) return;
      after = { key: last.key };
    }
  }

  get streams(): readonly string[] {
    return [...this.#committed];
  }

  has(stream: string): boolean {
    if (this.#page.size === 0) return this.#committed.size > 0 && this.#committed.has(stream);
    const change = this.#page.get(stream);
    return change === undefined ? this.#committed.has(stream) : change === 'parked';
  }

  /** Parks the stream at this event, or lets the event wait behind the one that parked it. */
  park(
    session: Session,
    event: Pick<RecordedEvent, 'stream' | 'revision' | 'position' | 'type'>,
    error: unknown,
  ): void {
    const { stream, revision, position, type } = event;
    // Parked by a later event of the same page: that one waits too now, and what waited for it.
    const before = this.has(stream) ? session.get<ParkedBody>(PARKED.name, stream)?.value : undefined;
    const waiting = before === undefined ? 0 : before.waiting + 1;
    const body: ParkedBody = { stream, revision, position, type, error: messageOf(error), waiting };
    session.put(PARKED.name, stream, {}, body);
    this.#page.set(stream, 'parked');
  }

  /** The event's stream is parked already: it waits behind. */
  wait(session: Session, event: Pick<Entry<unknown>, 'stream' | 'position' | 'replayed'>): void {
    const parked = session.get<ParkedBody>(PARKED.name, event.stream);
    if (parked === undefined || isApplied(parked.position, event)) return;
    session.put(PARKED.name, event.stream, {}, { ...parked.value, waiting: parked.value.waiting + 1 });
  }

  /** The stream is folded again from the event that parked it. */
  release(session: Session, stream: string): void {
    session.delete(PARKED.name, stream);
    this.#page.set(stream, 'released');
  }

  committed(): void {
    for (const [stream, change] of this.#page) {
      if (change === 'parked') this.#committed.add(stream);
      else this.#committed.delete(stream);
    }
    this.#page.clear();
  }

  /** The page was not committed. */
  rollback(): void {
    this.#page.clear();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
