import { TesseraError, type Position } from '#core';

import type { RecordedEvent } from '../../event-log.js';
import type { LogReads } from './log-reads.js';

const FIRST_READ = 200;
const LATER_READS = 1_000;
/** So far back an append is looked for: others may have written behind it meanwhile. */
const MAX_EVENTS = 20_000;

/** Where an event is. */
export interface Place {
  readonly revision: number;
  /** Not known of an event in the middle of an append. */
  readonly position: Position | undefined;
}

/** What was found at the end of a stream. */
export interface StreamEnd {
  /** Of the last event; -1 when there is none. */
  readonly revision: number;
  readonly newestFirst: readonly RecordedEvent[];
}

/**
 * Reads a stream backwards, as far as the position at or before which nothing of interest can be; without one, to its
 * beginning. Throws `LOG_OUTCOME_UNKNOWN` when that is too far.
 */
export async function readStreamEnd(reads: LogReads, stream: string, floor: Position | undefined): Promise<StreamEnd> {
  const newestFirst: RecordedEvent[] = [];
  let slice = await reads.backwards(stream, 'end', FIRST_READ);
  const revision = slice?.[0]?.revision ?? -1;
  for (;;) {
    newestFirst.push(...(slice ?? []).filter(({ position }) => floor === undefined || position > floor));
    const oldest = slice?.at(-1);
    if (oldest === undefined || oldest.revision === 0) break;
    if (floor !== undefined && oldest.position <= floor) break;
    if (newestFirst.length > MAX_EVENTS) {
      throw new TesseraError('LOG_OUTCOME_UNKNOWN', `${stream}: too much was written meanwhile to find an append`);
    }
    slice = await reads.backwards(stream, oldest.revision - 1, LATER_READS);
  }
  return { revision, newestFirst };
}

/** Where events with these ids are, for each id in turn; an id that is there twice is taken twice. */
export function placesOf(ids: readonly string[], { newestFirst }: StreamEnd): (Place | undefined)[] {
  const places = new Map<string, Place[]>();
  for (const { id, revision, position } of newestFirst) {
    const known = places.get(id);
    if (known === undefined) places.set(id, [{ revision, position }]);
    else known.push({ revision, position });
  }
  // From the end of each list: that is the oldest, and belongs to the first that asks.
  return ids.map((id) => places.get(id)?.pop());
}
