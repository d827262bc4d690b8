import { Inject, Injectable } from '@nestjs/common';

import { TesseraError, type Clock, type JsonObject, type Position } from '#core';
import type { EventLog, ExpectedRevision } from '#event-log';
import { JOB_COMPLETED, JOB_REQUESTED, jobEvent, jobStream, type JobEvent, type SandboxTarget } from '#projection';
import { BATCHES_PROJECTION } from '#read-models';

import { CLOCK, EVENT_LOG, MINT_ID, type MintId } from '../common/ports.js';
import type { RequestedJob } from '../jobs/request-job.handler.js';

/** The jobs that requests about batches answer with. The work itself is found through the batch. */
@Injectable()
export class BatchJobs {
  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(MINT_ID) private readonly mintId: MintId,
  ) {}

  /** A job that is still to be done. */
  async request(kind: 'revert-batch', target: SandboxTarget): Promise<RequestedJob> {
    const request = this.#request(kind, target);
    return {
      job: request.id,
      position: await this.#append(request.id, 'none', { type: JOB_REQUESTED, data: request }),
    };
  }

  /** A job that was done before it is answered. */
  async done(kind: 'abort-batch', target: SandboxTarget): Promise<RequestedJob> {
    const request = this.#request(kind, target);
    const ended = { type: JOB_COMPLETED, data: { at: request.requestedAt, result: {} } } as const;
    const position = await this.#append(request.id, 'none', { type: JOB_REQUESTED, data: request }, ended);
    return { job: request.id, position };
  }

  /** May be told again. */
  async complete(job: string, result: JsonObject): Promise<void> {
    await this.#append(job, 'any', { type: JOB_COMPLETED, data: { at: this.clock.now(), result } });
  }

  #request<K extends 'abort-batch' | 'revert-batch'>(kind: K, target: SandboxTarget) {
    const id = this.mintId().replaceAll('-', '');
    return { id, kind, projection: BATCHES_PROJECTION, requestedAt: this.clock.now(), target };
  }

  async #append(job: string, expected: ExpectedRevision, ...events: readonly JobEvent[]): Promise<Position> {
    const [written] = await this.log.append({
      common: { ingestedAt: this.clock.now(), v: 1 },
      writes: [{ stream: jobStream(job), expected, events: events.map((event) => jobEvent(this.mintId(), event)) }],
    });
    if (written?.outcome === 'written') return written.position;
    if (written?.outcome === 'unknown') throw written.error;
    throw new TesseraError('CONCURRENT_CHANGE', `There is a job ${job} already.`);
  }
}
