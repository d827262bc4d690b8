import { laterOf, POSITION_START, STREAM_PREFIX, type Position } from '#core';
import type { EventLog, RecordedEvent } from '#event-log';
import {
  ATTRIBUTES_UPSERTED,
  decodeIngestedItem,
  decodeUpsert,
  EXPERIENCE_EVENT_INGESTED,
  RECORD_INGESTED,
} from '#profile';
import type { DatasetJobKind, DatasetTarget } from '#projection';

import { backfill, deletion, type FoundFragment } from './fragment-turn.js';

export interface DatasetPass {
  readonly log: EventLog;
  readonly kind: DatasetJobKind;
  readonly target: DatasetTarget;
  /** Of the job. */
  readonly id: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly signal: AbortSignal;
  /** Told after every page, with the fragments to which the job has appended so far. */
  readonly progress: (position: Position, fragments: number) => Promise<void>;
}

export interface Passed {
  /** Fragments to which the job has appended, now or before a crash. */
  readonly fragments: number;
  /** Of the last append; `POSITION_START` when there was none. */
  readonly position: Position;
}

/** Fragments that are remembered, so that each is looked at once. One that comes again is at most counted again. */
const REMEMBERED = 200_000;
/** Fragments that are looked at together, and then appended to in one request. */
const AT_A_TIME = 100;
const ITEMS: readonly string[] = [RECORD_INGESTED, ATTRIBUTES_UPSERTED, EXPERIENCE_EVENT_INGESTED];

/**
 * Appends the event of the job to every fragment of the dataset that got an item in a span of the log: `after` is
 * exclusive, `until` inclusive. They are found in the log, which has items that do not show too. May be repeated as a
 * whole: what was done before is recognised in the streams.
 */
export async function datasetPass(
  pass: DatasetPass,
  { after, until }: { readonly after: Position; readonly until: Position },
): Promise<Passed> {
  const prefixes = [`${STREAM_PREFIX.fragment}${pass.target.sandbox}_`];
  const seen = new Set<string>();
  let fragments = 0;
  let position = POSITION_START;
  if (until <= after) return { fragments, position };
  for await (const page of pass.log.subscribe({ after, prefixes, signal: pass.signal })) {
    const found = fragmentsIn(page.events, pass, until, seen);
    for (let from = 0; from < found.length; from += AT_A_TIME) {
      pass.signal.throwIfAborted();
      const part = await takeTurns(pass, found.slice(from, from + AT_A_TIME), until);
      fragments += part.fragments;
      position = laterOf(position, part.position);
    }
    await pass.progress(page.position, fragments);
    if (page.position >= until || page.caughtUp) return { fragments, position };
  }
  pass.signal.throwIfAborted();
  throw new Error('the log ended before the job');
}

/** Those that were not seen before, each with its newest item in the page. */
function fragmentsIn(
  events: readonly RecordedEvent[],
  { kind, target }: DatasetPass,
  until: Position,
  seen: Set<string>,
): readonly FoundFragment[] {
  const found = new Map<string, RecordedEvent>();
  for (const event of events) {
    const { stream, metadata, position, type } = event;
    if (position > until || metadata['dataset'] !== target.dataset || !ITEMS.includes(type)) continue;
    if (kind === 'backfill-dataset' && metadata['shown'] !== false) continue;
    if (!seen.has(stream)) found.set(stream, event);
  }
  if (seen.size + found.size > REMEMBERED) seen.clear();
  for (const stream of found.keys()) seen.add(stream);
  return [...found.values()].map((event) => ({
    stream: event.stream,
    owner: ownerOf(event),
    revision: event.revision,
  }));
}

function ownerOf({ type, data }: RecordedEvent) {
  return (type === ATTRIBUTES_UPSERTED ? decodeUpsert(data) : decodeIngestedItem(data)).owner;
}

/** Appends to each where its stream ends. One that has got more meanwhile is looked at again. */
async function takeTurns(pass: DatasetPass, fragments: readonly FoundFragment[], until: Position): Promise<Passed> {
  const { log, kind, id, now, signal } = pass;
  const { sandbox, dataset } = pass.target;
  const turn = kind === 'backfill-dataset' ? backfill : deletion;
  let left = fragments;
  let done = 0;
  let position = POSITION_START;
  while (left.length > 0) {
    signal.throwIfAborted();
    const metadata = { sandbox, dataset, ingestedAt: now(), requestId: id, v: 1 } as const;
    const turns = await Promise.all(
      left.map(async (fragment) => ({ fragment, turn: await turn({ log, until, metadata }, fragment) })),
    );
    done += turns.filter(({ turn: its }) => its === 'done').length;
    const open = turns.flatMap(({ fragment, turn: its }) => (typeof its === 'string' ? [] : [{ fragment, ...its }]));
    if (open.length === 0) break;
    const writes = open.map(({ fragment: { stream }, expected, events }) => ({ stream, expected, events }));
    const outcomes = await log.append({ common: {}, writes });
    for (const outcome of outcomes) {
      if (outcome.outcome === 'unknown') throw outcome.error;
      if (outcome.outcome !== 'written') continue;
      done += 1;
      position = laterOf(position, outcome.position);
    }
    left = open.flatMap(({ fragment }, i) => (outcomes[i]?.outcome === 'refused' ? [fragment] : []));
  }
  return { fragments: done, position };
}
