import { Inject, Injectable } from '@nestjs/common';

import { TesseraError, type Clock, type Position } from '#core';
import type { EventLog, ExpectedRevision } from '#event-log';
import {
  JOB_COMPLETED,
  JOB_FAILED,
  JOB_PROGRESSED,
  JOB_REQUESTED,
  jobEvent,
  jobStream,
  type DatasetJobKind,
  type DatasetTarget,
  type Job,
  type JobEvent,
  type JobProgress,
} from '#projection';
import { PROFILE_PROJECTION } from '#read-models';

import { CLOCK, EVENT_LOG, MINT_ID, type MintId } from '../common/ports.js';

/** A job on a dataset, as its stream has it. */
export interface DatasetJob extends Job {
  readonly kind: DatasetJobKind;
  readonly target: DatasetTarget;
}

export interface RequestedDatasetJob {
  readonly job: DatasetJob;
  readonly position: Position;
}

/** The streams of jobs on datasets. Ends may be told again. */
@Injectable()
export class DatasetJobStreams {
  constructor(
    @Inject(EVENT_LOG) private readonly log: Pick<EventLog, 'append'>,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(MINT_ID) private readonly mintId: MintId,
  ) {}

  async request(kind: DatasetJobKind, target: DatasetTarget): Promise<RequestedDatasetJob> {
    const id = this.mintId().replaceAll('-', '');
    const request = { id, kind, projection: PROFILE_PROJECTION, requestedAt: this.clock.now(), target };
    const position = await this.#append(id, 'none', { type: JOB_REQUESTED, data: request });
    return { job: { ...request, state: 'requested' }, position };
  }

  async progressed({ id }: DatasetJob, progress: JobProgress): Promise<void> {
    await this.#append(id, 'any', { type: JOB_PROGRESSED, data: progress });
  }

  async completed({ id }: DatasetJob, fragments: number): Promise<void> {
    await this.#append(id, 'any', { type: JOB_COMPLETED, data: { at: this.clock.now(), result: { fragments } } });
  }

  async failed({ id }: DatasetJob, code: string, message: string): Promise<void> {
    await this.#append(id, 'any', { type: JOB_FAILED, data: { at: this.clock.now(), code, message } });
  }

  async #append(job: string, expected: ExpectedRevision, event: JobEvent): Promise<Position> {
    const [written] = await this.log.append({
      common: { ingestedAt: this.clock.now(), v: 1 },
      writes: [{ stream: jobStream(job), expected, events: [jobEvent(this.mintId(), event)] }],
    });
    if (written?.outcome === 'written') return written.position;
    if (written?.outcome === 'unknown') throw written.error;
    throw new TesseraError('CONCURRENT_CHANGE', `There is a job ${job} already.`);
  }
}
