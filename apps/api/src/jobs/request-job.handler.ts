import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';

import { TesseraError, type Clock, type Position } from '#core';
import type { EventLog } from '#event-log';
import { JOB_REQUESTED, jobEvent, jobStream, type JobKind, type JobRequest } from '#projection';

import { CLOCK, EVENT_LOG, MINT_ID, type MintId } from '../common/ports.js';
import { OpenJobs } from './open-jobs.js';

export interface RequestedJob {
  readonly job: string;
  readonly position: Position;
}

/** Asks the projector for work. The request is an event, so it outlives both processes. */
export class RequestJob extends Command<RequestedJob> {
  constructor(
    readonly kind: JobKind,
    readonly projection: string,
  ) {
    super();
  }
}

@CommandHandler(RequestJob)
export class RequestJobHandler implements ICommandHandler<RequestJob> {
  #before: Promise<unknown> = Promise.resolve();
  #last: Position | undefined;

  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(MINT_ID) private readonly mintId: MintId,
    private readonly openJobs: OpenJobs,
  ) {}

  /** One request at a time, each seeing the one before: of two equal ones the second is refused. */
  execute({ kind, projection }: RequestJob): Promise<RequestedJob> {
    const requested = this.#before.then(async () => {
      const running = await this.openJobs.find({ kind, projection }, this.#last);
      if (running !== undefined) {
        const message = `A ${kind} of ${projection} is under way: job ${running.id}.`;
        throw new TesseraError('JOB_RUNNING', message, { extra: { job: running.id } });
      }
      const id = this.mintId().replaceAll('-', '');
      this.#last = await this.#append({ id, kind, projection, requestedAt: this.clock.now() });
      return { job: id, position: this.#last };
    });
    this.#before = requested.catch(() => undefined);
    return requested;
  }

  async #append(request: JobRequest): Promise<Position> {
    const event = jobEvent(this.mintId(), { type: JOB_REQUESTED, data: request });
    const [result] = await this.log.append({
      common: { ingestedAt: request.requestedAt, v: 1 },
      writes: [{ stream: jobStream(request.id), expected: 'none', events: [event] }],
    });
    if (result?.outcome === 'written') return result.position;
    if (result?.outcome === 'unknown') throw result.error;
    throw new TesseraError('CONCURRENT_CHANGE', `There is a job ${request.id} already.`);
  }
}
