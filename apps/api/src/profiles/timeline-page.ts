import { TIMELINE } from '#read-models';
import type { DocumentReader, ScanOptions, StoredDocument } from '#read-store';

export type Order = 'asc' | 'desc';

/** A place in a timeline: event time, then key. No two events share one. */
export interface TimelinePlace {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly key: string;
}

/** Events of one owner. */
export interface TimelineSource {
  /** As `timelineOwner` has it. */
  readonly owner: string;
  /** Of this dataset alone. */
  readonly dataset?: string;
}

export interface TimelineQuery {
  readonly sources: readonly TimelineSource[];
  /** Epoch milliseconds, inclusive. */
  readonly from?: number | undefined;
  /** Epoch milliseconds, exclusive. */
  readonly to?: number | undefined;
  readonly eventType?: string | undefined;
  readonly order: Order;
  readonly limit: number;
  /** Go on behind this place. */
  readonly after?: TimelinePlace | undefined;
}

export interface TimelinePage {
  readonly events: readonly StoredDocument[];
  /** Where the page ended, when there is more. */
  readonly end: TimelinePlace | undefined;
}

/** The events of several sources as one timeline. */
export async function timelinePage(reader: DocumentReader, query: TimelineQuery): Promise<TimelinePage> {
  const { sources, order, limit } = query;
  // One source's page is the answer; of several, most of what is found is not, so bodies are read afterwards.
  const alone = sources.length === 1;
  const found = await Promise.all(sources.map((source) => reader.scan(TIMELINE.name, scanOf(query, source, alone))));
  const merged = found.flat().sort((a, b) => compare(placeOf(a), placeOf(b), order));
  const page = merged.slice(0, limit);
  const last = page.at(-1);
  return {
    events: alone ? page : await withBodies(reader, page),
    end: merged.length > limit && last !== undefined ? placeOf(last) : undefined,
  };
}

function scanOf(
  { from, to, eventType, order, limit, after }: TimelineQuery,
  { owner, dataset }: TimelineSource,
  body: boolean,
): ScanOptions {
  const where = { ...(dataset !== undefined && { dataset }), ...(eventType !== undefined && { type: eventType }) };
  return {
    index: 'by_owner',
    equals: [owner],
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    where,
    ...(after !== undefined && { after: { value: after.at, key: after.key } }),
    order,
    // One more tells whether there is more.
    limit: limit + 1,
    body,
  };
}

async function withBodies(reader: DocumentReader, page: readonly StoredDocument[]): Promise<readonly StoredDocument[]> {
  const whole = await reader.get(
    TIMELINE.name,
    page.map(({ key }) => key),
  );
  return whole.filter((document) => document !== undefined);
}

function placeOf({ key, columns }: StoredDocument): TimelinePlace {
  return { at: columns['at'] as number, key };
}

function compare(a: TimelinePlace, b: TimelinePlace, order: Order): number {
  const ascending = a.at - b.at || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
  return order === 'asc' ? ascending : -ascending;
}
