import { Inject, Injectable } from '@nestjs/common';

import {
  BATCH_ACCEPTED,
  BATCH_COMPLETED,
  BATCH_ROWS_REJECTED,
  BATCH_VALIDATION_STARTED,
  batchStream,
  decodeBatchEvent,
  evolveBatch,
  isBatchId,
  receiveBatch,
  type Batch,
  type BatchEvent,
  type ReceivedFile,
  type RecordedBatchEvent,
  type RejectedRow,
} from '#batch';
import type { Decision } from '#catalog';
import { POSITION_START, TesseraError, type Clock, type Position, type SandboxId } from '#core';
import type { EventLog, ExpectedRevision, WriteOutcome } from '#event-log';

import type { AtRevision } from '../catalog/catalog-state.js';
import { CLOCK, EVENT_LOG, MINT_ID, type MintId } from '../common/ports.js';

export type BatchAtRevision = AtRevision<Batch>;

/** What became of a decision on a batch; `POSITION_START` when nothing had to be written. */
export interface BatchChange extends BatchAtRevision {
  readonly position: Position;
}

/** Only the pass of a batch and people who end it write to its stream. */
const MOST_TRIES = 5;

/** The streams of batches: what they fold to, and decisions appended at the revision they were taken at. */
@Injectable()
export class BatchStreams {
  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(MINT_ID) private readonly mintId: MintId,
  ) {}

  /** Throws `BATCH_NOT_FOUND`. */
  async get(sandbox: SandboxId, id: string): Promise<BatchAtRevision> {
    let batch: Batch | undefined;
    let revision = -1;
    for await (const { recorded, at } of this.#events(sandbox, id)) {
      if (recorded !== undefined) batch = evolveBatch(batch, recorded);
      revision = at;
    }
    if (batch === undefined) throw new TesseraError('BATCH_NOT_FOUND', 'There is no batch with this id.');
    return { state: batch, revision };
  }

  /** Refused rows that the last attempt of the first pass kept, in the order of the file. Throws `BATCH_NOT_FOUND`. */
  async rejected(sandbox: SandboxId, id: string): Promise<readonly RejectedRow[]> {
    let found = false;
    let rows: RejectedRow[] = [];
    for await (const { recorded } of this.#events(sandbox, id)) {
      found = true;
      if (recorded?.event.type === BATCH_VALIDATION_STARTED) rows = [];
      if (recorded?.event.type === BATCH_ROWS_REJECTED) rows.push(...recorded.event.data.rows);
    }
    if (!found) throw new TesseraError('BATCH_NOT_FOUND', 'There is no batch with this id.');
    return rows;
  }

  /** Between which positions the rows were appended. Throws `BATCH_NOT_FOUND` unless the batch was successful. */
  async span(sandbox: SandboxId, id: string): Promise<{ readonly after: Position; readonly until: Position }> {
    let after: Position | undefined;
    let until: Position | undefined;
    for await (const { recorded, position } of this.#events(sandbox, id)) {
      if (recorded?.event.type === BATCH_ACCEPTED) after = position;
      if (recorded?.event.type === BATCH_COMPLETED) until = position;
    }
    if (after !== undefined && until !== undefined) return { after, until };
    throw new TesseraError('BATCH_NOT_FOUND', 'There is no successful batch with this id.');
  }

  async receive(file: ReceivedFile): Promise<Position> {
    const written = await this.#append(file, receiveBatch(file), 'none');
    if (written.outcome === 'written') return written.position;
    throw new TesseraError('CONCURRENT_CHANGE', `There is a batch ${file.id} already.`);
  }

  /** Decides anew when somebody else has changed the batch meanwhile. Throws what the decider refuses. */
  async change(from: BatchAtRevision, decide: (batch: Batch) => Decision<BatchEvent>): Promise<BatchChange> {
    let current = from;
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const decision = decide(current.state);
      if (decision.outcome === 'unchanged') return { ...current, position: POSITION_START };
      const at = this.clock.now();
      const written = await this.#append(current.state, decision, current.revision, at);
      if (written.outcome === 'written') return { ...evolved(current, decision, at), ...written };
      current = await this.get(current.state.sandbox, current.state.id);
    }
    throw new TesseraError('CONCURRENT_CHANGE', 'Others changed the batch at the same moment, again and again.');
  }

  async #append(
    { sandbox, id, dataset }: Pick<Batch, 'sandbox' | 'id' | 'dataset'>,
    decision: Decision<BatchEvent>,
    expected: ExpectedRevision,
    ingestedAt: number = this.clock.now(),
  ): Promise<Exclude<WriteOutcome, { outcome: 'unknown' }>> {
    const [outcome] = await this.log.append({
      common: { sandbox, dataset, batch: id, ingestedAt, v: 1 },
      writes: [
        {
          stream: batchStream(sandbox, id),
          expected,
          events: eventsOf(decision).map(({ type, data }) => ({ id: this.mintId(), type, data: JSON.stringify(data) })),
        },
      ],
    });
    if (outcome === undefined) throw new TesseraError('INTERNAL', 'The log gave no outcome for a write.');
    if (outcome.outcome === 'unknown') throw outcome.error;
    return outcome;
  }

  async *#events(
    sandbox: SandboxId,
    id: string,
  ): AsyncGenerator<{
    readonly recorded: RecordedBatchEvent | undefined;
    readonly at: number;
    readonly position: Position;
  }> {
    if (!isBatchId(id)) return;
    for (let from: number | undefined = 0; from !== undefined;) {
      const slice = await this.log.readStream(batchStream(sandbox, id), { from });
      for (const { type, data, metadata, revision, position } of slice.events) {
        const event = decodeBatchEvent(type, data);
        yield { recorded: event && { event, at: Number(metadata['ingestedAt']) }, at: revision, position };
      }
      from = slice.next;
    }
  }
}

/** Throws what was refused. */
function eventsOf(decision: Decision<BatchEvent>): readonly BatchEvent[] {
  if (decision.outcome === 'refused') throw new TesseraError(decision.refusal.code, decision.refusal.message);
  return decision.outcome === 'unchanged' ? [] : decision.events;
}

function evolved({ state, revision }: BatchAtRevision, decision: Decision<BatchEvent>, at: number): BatchAtRevision {
  const events = eventsOf(decision);
  return {
    state: events.reduce((batch, event) => evolveBatch(batch, { event, at }) ?? batch, state),
    revision: revision + events.length,
  };
}
