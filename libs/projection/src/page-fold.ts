import { TesseraError, type Position } from '#core';
import type { RecordedEvent } from '#event-log';

import { PARKED, type ParkedStreams } from './parking.js';
import type { Entry, Projection } from './projection.js';
import type { Session } from './session.js';

/** An event on its way into a page, in its turn or replayed. */
export interface PageEvent {
  readonly event: RecordedEvent;
  readonly replayed: boolean;
}

/** Live: a poison event parks its stream. Rebuild: the first one ends it. */
export type PoisonPolicy = 'park' | 'stop';

/** A stage across streams has thrown on a page that ends here. */
export class PageStageError extends Error {
  override readonly name = 'PageStageError';
  constructor(
    readonly stage: string,
    options: { readonly cause: unknown },
  ) {
    super(`stage ${stage} failed`, options);
  }
}

/**
 * Folds one page into the session. Nothing is committed here. Throws `PageStageError`, or `PROJECTION_FAILED` for a
 * poison event under the policy `stop`.
 */
export async function foldPage<D, S>(
  projection: Projection<D, S>,
  session: Session,
  parked: ParkedStreams,
  events: readonly PageEvent[],
  position: Position,
  policy: PoisonPolicy,
): Promise<void> {
  session.begin(position);
  await session.load(PARKED.name, parkedAmong(parked, events));
  const decoded = decodeEvents(projection, session, parked, events, policy);
  if (decoded.length === 0) return;
  const page = projection.beginPage();
  const folded = await foldStreams(projection, session, parked, decoded, page, policy);
  for (const stage of projection.perPage) {
    try {
      await stage.fold(folded, session, page);
    } catch (cause) {
      if (cause instanceof TesseraError) throw cause;
      throw new PageStageError(stage.name, { cause });
    }
  }
}

function parkedAmong(parked: ParkedStreams, events: readonly PageEvent[]): Set<string> {
  const streams = new Set<string>();
  for (const { event } of events) if (parked.has(event.stream)) streams.add(event.stream);
  return streams;
}

function decodeEvents<D, S>(
  projection: Projection<D, S>,
  session: Session,
  parked: ParkedStreams,
  events: readonly PageEvent[],
  policy: PoisonPolicy,
): Entry<D>[] {
  const entries: Entry<D>[] = [];
  for (const { event, replayed } of events) {
    if (parked.has(event.stream)) {
      parked.wait(session, { stream: event.stream, position: event.position, replayed });
      continue;
    }
    try {
      const value = projection.decode(event);
      if (value === undefined) continue;
      const { position, stream, revision, type } = event;
      entries.push({ position, stream, revision, type, replayed, value });
    } catch (error) {
      poison(projection.name, session, parked, event, error, policy);
    }
  }
  return entries;
}

async function foldStreams<D, S>(
  projection: Projection<D, S>,
  session: Session,
  parked: ParkedStreams,
  entries: readonly Entry<D>[],
  page: S,
  policy: PoisonPolicy,
): Promise<readonly Entry<D>[]> {
  const stage = projection.perStream;
  if (stage === undefined) return entries;
  await stage.load(entries, session, page);
  const folded: Entry<D>[] = [];
  for (const entry of entries) {
    // An event whose stream was parked by a *later* one in `decodeEvents` still comes in its turn.
    if (isBehindParked(parked, session, entry)) {
      parked.wait(session, entry);
      continue;
    }
    try {
      session.attempt(() => stage.apply(entry, session, page));
      folded.push(entry);
    } catch (error) {
      poison(projection.name, session, parked, entry, error, policy);
    }
  }
  return folded;
}

function isBehindParked(parked: ParkedStreams, session: Session, entry: Entry<unknown>): boolean {
  if (!parked.has(entry.stream)) return false;
  const at = session.get<{ readonly revision: number }>(PARKED.name, entry.stream);
  return at !== undefined && at.value.revision < entry.revision;
}

function poison(
  projection: string,
  session: Session,
  parked: ParkedStreams,
  event: Pick<RecordedEvent, 'stream' | 'revision' | 'position' | 'type'>,
  error: unknown,
  policy: PoisonPolicy,
): void {
  if (policy === 'stop') {
    throw new TesseraError(
      'PROJECTION_FAILED',
      `${projection} cannot fold ${event.type} at ${event.stream}@${String(event.revision)}`,
      { cause: error },
    );
  }
  parked.park(session, event, error);
}
