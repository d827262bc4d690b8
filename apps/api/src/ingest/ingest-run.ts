import { setImmediate as nextTurn } from 'node:timers/promises';

import type { RawItem } from '#batch';
import { laterOf, POSITION_START, type Clock, type Position } from '#core';
import type { EventLog, WriteOutcome } from '#event-log';
import type { IngestMetadata, PreparedItem } from '#profile';

import { fragmentRevision, withConditions, type ConditionedItem } from './fragment-conditions.js';
import type { IngestSetup } from './ingest-setup.js';
import { itemResult } from './item-result.js';
import type { ItemResult, ItemResults } from './item-results.js';
import type { KnownItems, Repeat } from './known-items.js';
import { prepareRaw } from './prepare-raw.js';
import { planWrites, revisionOf, type SlicePlan } from './slice-plan.js';

/**
 * Slices of one request that are under way at the same time: some are being made durable while others are looked up and
 * the next is prepared. More would only hold memory.
 */
const MAX_IN_FLIGHT = 4;

export interface IngestRunOptions {
  readonly setup: IngestSetup;
  readonly requestId: string;
  readonly log: EventLog;
  readonly known: KnownItems;
  readonly clock: Clock;
  readonly results: ItemResults;
}

/** An item of a slice, and how it repeats another one. */
interface Slot {
  readonly raw: RawItem;
  readonly item: ConditionedItem;
  readonly repeat: Repeat | undefined;
}

/** What a slice came to. A failure waits until the slices before it are settled. */
type Settled = { readonly results: readonly ItemResult[]; readonly position: Position } | { readonly failure: unknown };

/**
 * Takes a request into the log, slice by slice. Appends are handed over, and results gathered, in request order. Nothing
 * undoes what an earlier slice wrote: after a failure the request is not acknowledged, and sending it again is safe.
 */
export class IngestRun {
  /** They never reject. */
  readonly #inFlight: Promise<Settled>[] = [];
  /** The newest slice was given to the log; rejects when one before it could not be looked up, and then none after it is. */
  #handedOver: Promise<unknown> = Promise.resolve();
  #position: Position = POSITION_START;

  constructor(private readonly options: IngestRunOptions) {}

  /** Of the newest event that was written; `POSITION_START` when none was. */
  get position(): Position {
    return this.#position;
  }

  /** Returns when the next slice may come. Throws what the log failed with, perhaps at an earlier slice. */
  async take(slice: readonly RawItem[]): Promise<void> {
    const { setup, clock } = this.options;
    const now = clock.now();
    const items = slice.map((raw) => prepareRaw(setup.context, raw, now));
    const handedOver = Promise.all([this.#lookUp(slice, items), this.#handedOver]).then(([slots]) => ({
      settled: this.#append(slots, now),
    }));
    this.#handedOver = handedOver;
    this.#inFlight.push(
      handedOver.then(
        ({ settled }) => settled,
        (failure: unknown) => ({ failure }),
      ),
    );
    if (this.#inFlight.length >= MAX_IN_FLIGHT) await this.#settleOldest();
    // Between two slices others have their turn: lookups, health checks, other requests.
    await nextTurn();
  }

  /** Waits until all that was taken is durable. */
  async finish(): Promise<void> {
    while (this.#inFlight.length > 0) await this.#settleOldest();
  }

  async #lookUp(slice: readonly RawItem[], items: readonly PreparedItem[]): Promise<readonly Slot[]> {
    const { known, log } = this.options;
    const [repeats, conditioned] = await Promise.all([known.find(items), withConditions(log, items)]);
    return conditioned.map((item, i): Slot => ({ raw: slice[i] as RawItem, item, repeat: repeats[i] }));
  }

  async #append(slots: readonly Slot[], ingestedAt: number): Promise<Settled> {
    const { log, setup, requestId } = this.options;
    try {
      const plan = planWrites(
        slots.flatMap(({ item, repeat }) => (item.outcome === 'accepted' && !repeat ? [item] : [])),
      );
      const common: IngestMetadata = { ...setup.metadata, ingestedAt, requestId };
      const answers = plan.writes.length === 0 ? [] : await log.append({ common: { ...common }, writes: plan.writes });
      const outcomes = await asFragments(log, plan, answers);
      return { results: resultsOf(slots, plan, outcomes), position: newest(outcomes) };
    } catch (failure) {
      return { failure };
    }
  }

  async #settleOldest(): Promise<void> {
    const settled = await this.#inFlight.shift();
    if (settled === undefined) return;
    if ('failure' in settled) throw settled.failure;
    for (const result of settled.results) this.options.results.add(result);
    this.#position = laterOf(this.#position, settled.position);
  }
}

/** Refusals say at which revision the fragment is, which is not that of its stream once it was deleted. */
async function asFragments(
  log: EventLog,
  { writes }: SlicePlan,
  outcomes: readonly WriteOutcome[],
): Promise<readonly WriteOutcome[]> {
  if (outcomes.every(({ outcome }) => outcome !== 'refused')) return outcomes;
  return Promise.all(
    outcomes.map(async (one, index): Promise<WriteOutcome> => {
      const stream = writes[index]?.stream;
      if (one.outcome !== 'refused' || stream === undefined) return one;
      return { ...one, actual: await fragmentRevision(log, stream, one.actual) };
    }),
  );
}

/** Throws the error of a write of which nobody knows whether it happened: then nothing may be acknowledged. */
function resultsOf(slots: readonly Slot[], plan: SlicePlan, outcomes: readonly WriteOutcome[]): readonly ItemResult[] {
  const places = plan.places.values();
  return slots.map(({ raw, item, repeat }) => {
    if (item.outcome !== 'accepted' || repeat !== undefined) return itemResult(raw, item, repeat);
    const place = places.next().value;
    const outcome = place && outcomes[place.write];
    if (place === undefined || outcome === undefined)
      throw new Error('the log answered fewer writes than it was given');
    if (outcome.outcome === 'unknown') throw outcome.error;
    if (outcome.outcome === 'refused') return itemResult(raw, item, undefined, { refusedAt: outcome.actual });
    return itemResult(raw, item, undefined, { writtenAt: revisionOf(plan, place, outcome) });
  });
}

function newest(outcomes: readonly WriteOutcome[]): Position {
  return outcomes.reduce(
    (position, outcome) => (outcome.outcome === 'written' ? laterOf(position, outcome.position) : position),
    POSITION_START,
  );
}
