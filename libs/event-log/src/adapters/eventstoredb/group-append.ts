import { ANY, NO_STREAM, type AppendExpectedRevision, type BinaryEventData } from '@eventstore/db-client';

import { isTesseraError, TesseraError, type Position } from '#core';

import type { ExpectedRevision } from '../../event-log.js';
import type { GroupResult, QueuedWrite, WriteGroup } from './append-queue.js';
import { actualRevision, meaningOf, toLogError } from './client-errors.js';
import type { Clients } from './clients.js';
import type { LogReads } from './log-reads.js';
import type { EventStoreDbTimings } from './options.js';
import { knownPosition } from './positions.js';
import { placesOf, readStreamEnd, type Place } from './stream-end.js';
import { BackOff, DeadlinePassed } from './waiting.js';

export interface AppendContext {
  readonly clients: Clients;
  readonly reads: LogReads;
  readonly timings: EventStoreDbTimings;
}

/** What a group has come to; `undefined` while that is open. */
type Step = GroupResult | undefined;

/** Errors by which the server refuses an append for good: nothing of it is written. */
const REFUSALS: readonly string[] = ['denied', 'too-large', 'tombstoned'];

/**
 * One group of writes, from its first append until its outcome is known. An append of which the outcome is not known is
 * looked up at the end of the stream; what is not there is appended again with the same ids, at the exact revision that
 * was found: then the server itself sees to it that nothing is written twice, whatever is still on its way.
 */
export class GroupAppend {
  readonly #started = Date.now();
  readonly #backOff: BackOff;
  readonly #events: readonly BinaryEventData[];
  /** Where each event is, as far as it is known to be written. */
  readonly #places: (Place | undefined)[];
  /** Nothing at or before this position is ours. */
  #floor: Position | undefined;
  #expected: ExpectedRevision;
  /** Something was sent of which nobody knows what became of it. */
  #uncertain = false;
  #mustLook = false;

  constructor(
    private readonly group: WriteGroup,
    private readonly context: AppendContext,
  ) {
    this.#backOff = new BackOff(context.timings.firstRetry, context.timings.longestRetry);
    this.#events = group.writes.flatMap(({ events }) => events);
    this.#places = this.#events.map(() => undefined);
    this.#floor = context.reads.newest;
    this.#expected = group.expected;
  }

  /** `revision`: where the stream was a moment ago, when that is known. Never throws. */
  async run(revision: number | undefined): Promise<GroupResult> {
    if (this.#waited() > this.context.timings.settle) return this.#giveUp(new DeadlinePassed(this.#waited()));
    // To the server a deleted stream is at its last revision: only a read tells that there is nothing in it.
    let mustCheck = typeof this.#expected === 'number' && revision !== this.#expected;
    for (;;) {
      try {
        if (mustCheck) {
          const actual = await this.context.reads.lastRevision(this.group.stream);
          if (actual !== this.#expected) return this.#refuse(actual);
          mustCheck = false;
        }
        const step = (this.#mustLook ? await this.#look() : undefined) ?? (await this.#append());
        if (step !== undefined) return step;
      } catch (error) {
        if (this.#mustGiveUp(error)) return this.#giveUp(error);
        await this.#backOff.pause();
      }
    }
  }

  async #append(): Promise<Step> {
    const missing = this.#missing();
    try {
      const { revision, position } = await this.#send(missing.map((index) => this.#events[index] as BinaryEventData));
      missing.forEach((index, nth) => {
        const behind = missing.length - 1 - nth;
        this.#places[index] = { revision: revision - behind, position: behind === 0 ? position : undefined };
      });
    } catch (error) {
      const meaning = meaningOf(error);
      if (meaning === 'conflict') return await this.#conflict(actualRevision(error));
      if (meaning === 'unknown' && !isTesseraError(error)) this.#uncertain = this.#mustLook = true;
      throw error;
    }
    return this.#written();
  }

  async #send(events: BinaryEventData[]): Promise<Place> {
    const { clients, timings } = this.context;
    const expectedRevision = onServer(this.#expected);
    const answer = await clients.appends.call(timings.append, (client) =>
      client.appendToStream(this.group.stream, events, {
        expectedRevision,
        deadline: timings.append,
        ...clients.appendCredentials,
      }),
    );
    return { revision: Number(answer.nextExpectedRevision), position: knownPosition(answer.position) };
  }

  async #conflict(actual: number): Promise<Step> {
    const { expected } = this.group;
    if (expected !== 'any' && !this.#uncertain) return this.#refuse(actual);
    if (typeof expected === 'number' && actual < expected) return this.#refuse(actual);
    // An append that expects nothing conflicts only when the server knows some of its ids, however long it has had them.
    if (this.#expected === 'any') this.#floor = undefined;
    // Not at once: others write here too, or what is written is not there for reads yet.
    await this.#backOff.pause();
    if (this.#isLate()) throw new DeadlinePassed(this.context.timings.settle);
    this.#mustLook = true;
    return undefined;
  }

  /** Finds out what is written, and what the rest is to expect. */
  async #look(): Promise<Step> {
    const { group, context } = this;
    const end = await readStreamEnd(context.reads, group.stream, this.#floor);
    const ids = this.#events.map(({ id }) => id);
    placesOf(ids, end).forEach((place, index) => (this.#places[index] = place));
    this.#mustLook = false;
    if (this.#missing().length === 0) return this.#written();
    if (group.expected === 'any') this.#expected = end.revision === -1 ? 'none' : end.revision;
    // Behind what was expected: what was sent before would be seen, and cannot be written any more. A stream that seems
    // to end earlier may be that of a server which has just started: it takes or refuses the repeat by all it has.
    else if (end.revision > (group.expected === 'none' ? -1 : group.expected)) return this.#refuse(end.revision);
    return undefined;
  }

  /** Everything is written: tells each write where. */
  async #written(): Promise<GroupResult> {
    // A stream that begins at 0 was never deleted.
    if ((this.#places[0] as Place).revision > 0) this.context.reads.wrote(this.group.stream);
    const lasts = this.#lastPlaces() as Place[];
    const end = lasts.at(-1) as Place;
    // An answer has the position of its last event only. The other writes get it too: to read their own would cost a call
    // for each append, and whoever has come so far has come past them.
    const fallback = end.position ?? (await this.#endOfLog());
    this.context.reads.saw(fallback);
    this.group.writes.forEach(({ settle }, index) => {
      const { revision, position = fallback } = lasts[index] as Place;
      settle({ outcome: 'written', revision, position });
    });
    return { revision: end.revision };
  }

  async #endOfLog(): Promise<Position> {
    return this.context.reads.head().catch(() => this.context.reads.newest);
  }

  /** The first write did not find the stream as it expects; the others expect nothing and go on without it. */
  #refuse(actual: number): GroupResult {
    const [first, ...again] = this.group.writes;
    (first as QueuedWrite).settle({ outcome: 'refused', actual });
    return { revision: actual, again };
  }

  #mustGiveUp(error: unknown): boolean {
    if (isTesseraError(error) || REFUSALS.includes(meaningOf(error))) return true;
    return this.#uncertain ? this.#isLate() : this.#waited() > this.context.timings.append;
  }

  /** Milliseconds since the first of these writes was called: while nothing can be sent, many wait for their turn. */
  #waited(): number {
    return Date.now() - (this.group.writes[0]?.since ?? this.#started);
  }

  #isLate(): boolean {
    return Date.now() - this.#started > this.context.timings.settle;
  }

  #giveUp(error: unknown): GroupResult {
    const what = `Appending to ${this.group.stream}`;
    if (!this.#uncertain) {
      if (meaningOf(error) === 'tombstoned') return this.#refuse(-1);
      for (const { settle } of this.group.writes) settle({ outcome: 'failed', error: toLogError(error, what) });
      return {};
    }
    const unknown = new TesseraError('LOG_OUTCOME_UNKNOWN', `${what}: EventStoreDB does not tell whether it happened`, {
      cause: error,
    });
    for (const { settle } of this.group.writes) settle({ outcome: 'unknown', error: unknown });
    return {};
  }

  #missing(): number[] {
    return this.#places.flatMap((place, index) => (place === undefined ? [index] : []));
  }

  /** Of the last event of each write. */
  #lastPlaces(): (Place | undefined)[] {
    let index = -1;
    return this.group.writes.map(({ events }) => this.#places[(index += events.length)]);
  }
}

function onServer(expected: ExpectedRevision): AppendExpectedRevision {
  if (expected === 'any') return ANY;
  return expected === 'none' ? NO_STREAM : BigInt(expected);
}
