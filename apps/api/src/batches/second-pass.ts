import { setImmediate as nextTurn } from 'node:timers/promises';

import { MAX_ROWS, progressBatch, RowEventIds, RowTally, type FileRow, type RowCounts } from '#batch';
import { laterOf, POSITION_START, TesseraError, type Clock, type Position } from '#core';
import type { EventLog, StreamWrite } from '#event-log';
import type { Metrics } from '#observability';
import type { AcceptedItem, PreparedItem } from '#profile';

import type { KnownItems, Repeat } from '../ingest/known-items.js';
import { planWrites } from '../ingest/slice-plan.js';
import type { BatchSetup } from './batch-setup.js';
import type { BatchAtRevision, BatchStreams } from './batch-streams.js';
import { WrittenRows } from './written-rows.js';

/**
 * After so many rows the batch notes down how far it is. So many are looked up one by one after a crash: fewer
 * would fill the batch's stream with notes.
 */
const PROGRESS_ROWS = 20_000;
/** The note is made at the end of a slice. */
const MOST_ROWS_OF_A_SLICE = 1_000;

export interface SecondPass {
  readonly streams: BatchStreams;
  readonly log: EventLog;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly setup: BatchSetup;
  readonly known: KnownItems;
  readonly rows: AsyncIterable<readonly FileRow[]>;
  /** The pass was begun before: rows behind the last note may be in the log. */
  readonly resumed: boolean;
  readonly signal: AbortSignal;
}

export interface Appended {
  readonly at: BatchAtRevision;
  readonly tally: RowTally;
  /** Of the last row that was written; `POSITION_START` when none was. */
  readonly position: Position;
}

interface Slot {
  readonly row: number;
  readonly item: PreparedItem;
  readonly repeat: Repeat | undefined;
  /** It is in the log already. */
  readonly written: boolean;
}

/**
 * Appends the rows behind the last note, in their order: while one slice is made durable the next is prepared. Throws
 * when the log does, or does not know what it did; the pass is then begun again from the last note.
 */
export async function secondPass(from: BatchAtRevision, pass: SecondPass): Promise<Appended> {
  const run = new SecondPassRun(from, pass);
  for await (const slice of pass.rows) {
    pass.signal.throwIfAborted();
    await run.take(slice);
    await nextTurn();
  }
  return run.end();
}

class SecondPassRun {
  readonly #tally: RowTally;
  readonly #ids: RowEventIds;
  readonly #written: WrittenRows;
  readonly #settledBefore: number;
  #settled: number;
  #appending: Promise<void> = Promise.resolve();
  #position: Position = POSITION_START;
  #counted: RowCounts;

  constructor(
    private at: BatchAtRevision,
    private readonly pass: SecondPass,
  ) {
    const { id, settled, soFar, acceptedAt = 0 } = at.state;
    this.#tally = new RowTally(soFar);
    this.#counted = this.#tally.rows;
    this.#ids = new RowEventIds(id);
    this.#written = new WrittenRows(pass.log, this.#ids, acceptedAt);
    this.#settledBefore = this.#settled = settled;
  }

  async take(slice: readonly FileRow[]): Promise<void> {
    const rows = slice.filter(({ index }) => index >= this.#settledBefore);
    if (rows.length === 0) return;
    const now = this.pass.clock.now();
    const slots = await this.#slots(rows, now);
    await this.#appending;
    this.#appending = this.#append(slots, now);
    // Told when the next slice waits for it, not as a rejection that nobody cares for.
    this.#appending.catch(() => undefined);
    const behind = (rows.at(-1) as FileRow).index + 1;
    if (behind - this.#settled >= PROGRESS_ROWS) await this.#note(behind);
  }

  async end(): Promise<Appended> {
    await this.#appending;
    this.#count();
    return { at: this.at, tally: this.#tally, position: this.#position };
  }

  async #slots(rows: readonly FileRow[], now: number): Promise<readonly Slot[]> {
    const { setup, known } = this.pass;
    const items = rows.map((row) => setup.prepare(row, now));
    if (this.#mayBeWritten(rows)) await this.#written.look(new Set(items.flatMap((item) => streamOf(item) ?? [])));
    const repeats = await known.find(items);
    return items.map((item, i) => {
      const row = (rows[i] as FileRow).index;
      if (row >= MAX_ROWS) throw new TesseraError('FILE_MALFORMED', `A file may have ${MAX_ROWS} rows.`);
      return { row, item, repeat: repeats[i], written: this.#written.has(row) };
    });
  }

  #mayBeWritten([first]: readonly FileRow[]): boolean {
    return this.pass.resumed && (first?.index ?? 0) < this.#settledBefore + PROGRESS_ROWS + MOST_ROWS_OF_A_SLICE;
  }

  async #append(slots: readonly Slot[], ingestedAt: number): Promise<void> {
    const { log, setup } = this.pass;
    const { id: batch } = this.at.state;
    const fresh = slots.filter(({ item, repeat, written }) => item.outcome === 'accepted' && !repeat && !written);
    if (fresh.length > 0) {
      const common = { ...setup.ingest.metadata, ingestedAt, requestId: batch, batch };
      const outcomes = await log.append({ common, writes: this.#writes(fresh) });
      for (const outcome of outcomes) {
        if (outcome.outcome === 'unknown') throw outcome.error;
        if (outcome.outcome === 'refused') throw new Error('the log refused a write without a condition');
        this.#position = laterOf(this.#position, outcome.position);
      }
    }
    for (const slot of slots) this.#settle(slot);
  }

  /** The writes of a slice, each event with the id that its row gives it. */
  #writes(slots: readonly Slot[]): readonly StreamWrite[] {
    const { writes, places } = planWrites(
      slots.map(({ item }) => item as AcceptedItem),
      (count) => new Array<string>(count).fill(''),
    );
    const ids = writes.map(({ events }) => new Array<string>(events.length));
    places.forEach(({ write, event }, slot) => {
      (ids[write] as string[])[event] = this.#ids.of((slots[slot] as Slot).row);
    });
    return writes.map((write, w) => ({
      ...write,
      events: write.events.map((event, e) => ({ ...event, id: ids[w]?.[e] as string })),
    }));
  }

  #settle({ item, repeat, written }: Slot): void {
    if (item.outcome === 'rejected') this.#tally.reject(item.code);
    else if (repeat !== undefined && !written) this.#tally.duplicate();
    else this.#tally.accept(item.warnings[0]?.code);
  }

  async #note(settled: number): Promise<void> {
    await this.#appending;
    const { result } = this.#tally;
    this.at = await this.pass.streams.change(this.at, (batch) => progressBatch(batch, settled, result));
    this.#count();
    this.#settled = settled;
  }

  /** Tells the metrics what has come since the last time. */
  #count(): void {
    const { metrics } = this.pass;
    const { rows } = this.#tally;
    metrics.countItems('accepted', rows.accepted - this.#counted.accepted);
    metrics.countItems('rejected', rows.rejected - this.#counted.rejected);
    metrics.countItems('duplicate', rows.duplicates - this.#counted.duplicates);
    this.#counted = rows;
  }
}

function streamOf(item: PreparedItem): string | undefined {
  return item.outcome === 'accepted' ? item.stream : undefined;
}
