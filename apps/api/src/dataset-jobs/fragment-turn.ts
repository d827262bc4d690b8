import type { Identity, Position } from '#core';
import { eventIds, type EventLogReader, type NewEvent, type RecordedEvent } from '#event-log';
import { encodeLifecycle, FRAGMENT_BACKFILLED, FRAGMENT_DELETED, type LifecycleMetadata } from '#profile';

/** A fragment that a scan of the log has found, and the revision of its newest item in the page. */
export interface FoundFragment {
  readonly stream: string;
  readonly owner: Identity;
  readonly revision: number;
}

/** What is appended to a fragment, given that its stream still ends where it ended. */
export interface FragmentTurn {
  readonly expected: number;
  readonly events: readonly NewEvent[];
}

export interface TurnOptions {
  readonly log: Pick<EventLogReader, 'readStream'>;
  /** The job is about what stands up to here, inclusive. */
  readonly until: Position;
  readonly metadata: LifecycleMetadata;
}

/** `done`: by this job, before a crash. `nothing`: there is nothing to be done. */
type Turn = (options: TurnOptions, fragment: FoundFragment) => Promise<FragmentTurn | 'done' | 'nothing'>;

/**
 * Deletes what a fragment held at the position of the job. What came in afterwards is appended again behind the delete,
 * in the same write: it stays, and so do the ids that it brought.
 */
export const deletion: Turn = async (options, fragment) => {
  const { until, metadata } = options;
  const later: RecordedEvent[] = [];
  let last = { type: '', revision: fragment.revision };
  let atUntil = '';
  for await (const event of eventsAfter(options, fragment)) {
    last = event;
    if (event.position <= until) atUntil = event.type;
    else if (event.type === FRAGMENT_DELETED) return isOurs(event, metadata) ? 'done' : 'nothing';
    else later.push(event);
  }
  if (atUntil === FRAGMENT_DELETED) return 'nothing';
  const [id = '', ...ids] = eventIds(1 + later.length);
  const deleted = { id, ...encodeLifecycle(fragment.owner, { type: FRAGMENT_DELETED }), metadata: { ...metadata } };
  return { expected: last.revision, events: [deleted, ...later.map((event, i) => again(event, ids[i] as string))] };
};

/** Shows what came in while the dataset was not enabled. */
export const backfill: Turn = async (options, fragment) => {
  const { metadata } = options;
  let { revision } = fragment;
  for await (const event of eventsAfter(options, fragment)) {
    if (event.type === FRAGMENT_BACKFILLED && isOurs(event, metadata)) return 'done';
    revision = event.revision;
  }
  const [id = ''] = eventIds(1);
  const shown = { id, ...encodeLifecycle(fragment.owner, { type: FRAGMENT_BACKFILLED }), metadata: { ...metadata } };
  return { expected: revision, events: [shown] };
};

function isOurs(event: RecordedEvent, { requestId }: LifecycleMetadata): boolean {
  return event.metadata['requestId'] === requestId;
}

function again({ type, data, metadata, clientId }: RecordedEvent, id: string): NewEvent {
  return { id, type, data, metadata, ...(clientId !== undefined && { clientId }) };
}

async function* eventsAfter({ log }: TurnOptions, { stream, revision }: FoundFragment): AsyncIterable<RecordedEvent> {
  for (let from: number | undefined = revision + 1; from !== undefined;) {
    const slice = await log.readStream(stream, { from });
    yield* slice.events;
    from = slice.next;
  }
}
