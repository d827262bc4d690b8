import { Inject, Injectable } from '@nestjs/common';

import { TesseraError, type Clock, type JsonObject, type Position } from '#core';
import type { EventLog, ExpectedRevision, NewEvent } from '#event-log';
import {
  JOB_COMPLETED,
  JOB_FAILED,
  JOB_PROGRESSED,
  JOB_REQUESTED,
  jobEvent,
  jobStream,
  type ApiJob,
  type ApiJobKind,
  type Job,
  type JobEvent,
  type JobProgress,
} from '#projection';
import { PROFILE_PROJECTION } from '#read-models';

import { CLOCK, EVENT_LOG, MINT_ID, type MintId } from '../common/ports.js';

export interface RequestedApiJob<Kind extends ApiJobKind> {
  readonly job: ApiJob<Kind>;
  readonly position: Position;
}

/** The streams of jobs that API processes do. Ends may be told again. */
@Injectable()
export class JobStreams {
  constructor(
    @Inject(EVENT_LOG) private readonly log: Pick<EventLog, 'append'>,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(MINT_ID) private readonly mintId: MintId,
  ) {}

  /** Throws `CONCURRENT_CHANGE` when there is a job of this id. By default the id is minted. */
  async request<Kind extends ApiJobKind>(
    kind: Kind,
    target: ApiJob<Kind>['target'],
    id: string = this.mintId().replaceAll('-', ''),
  ): Promise<RequestedApiJob<Kind>> {
    const request = { id, kind, projection: PROFILE_PROJECTION, requestedAt: this.clock.now(), target };
    const position = await this.#append(id, 'none', { type: JOB_REQUESTED, data: request });
    return { job: { ...request, state: 'requested' }, position };
  }

  async progressed({ id }: Job, progress: JobProgress): Promise<void> {
    await this.#append(id, 'any', { type: JOB_PROGRESSED, data: progress });
  }

  async completed({ id }: Job, result: JsonObject): Promise<void> {
    await this.#append(id, 'any', { type: JOB_COMPLETED, data: { at: this.clock.now(), result } });
  }

  async failed({ id }: Job, code: string, message: string): Promise<void> {
    await this.#append(id, 'any', { type: JOB_FAILED, data: { at: this.clock.now(), code, message } });
  }

  /** What a job tells a projection, in its own stream. */
  async tell({ id }: Job, type: string, data: object): Promise<Position> {
    return this.#write(id, 'any', { id: this.mintId(), type, data: JSON.stringify(data) });
  }

  #append(job: string, expected: ExpectedRevision, event: JobEvent): Promise<Position> {
    return this.#write(job, expected, jobEvent(this.mintId(), event));
  }

  async #write(job: string, expected: ExpectedRevision, event: NewEvent): Promise<Position> {
    const [written] = await this.log.append({
      common: { ingestedAt: this.clock.now(), v: 1 },
      writes: [{ stream: jobStream(job), expected, events: [event] }],
    });
    if (written?.outcome === 'written') return written.position;
    if (written?.outcome === 'unknown') throw written.error;
    throw new TesseraError('CONCURRENT_CHANGE', `There is a job ${job} already.`);
  }
}
