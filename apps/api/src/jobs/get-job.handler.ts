import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';

import { TesseraError } from '#core';
import type { EventLog } from '#event-log';
import { decodeJobEvent, evolveJob, isJobId, jobStream, type Job } from '#projection';

import { EVENT_LOG } from '../common/ports.js';

export class GetJob extends Query<Job> {
  constructor(
    readonly id: string,
    /** Name of the sandbox that asks. */
    readonly sandbox: string,
  ) {
    super();
  }
}

@QueryHandler(GetJob)
export class GetJobHandler implements IQueryHandler<GetJob> {
  constructor(@Inject(EVENT_LOG) private readonly log: EventLog) {}

  /** Folds the job's stream: what the answer to the request named is there at once. */
  async execute({ id, sandbox }: GetJob): Promise<Job> {
    const job = isJobId(id) ? await this.#fold(jobStream(id)) : undefined;
    // A job of no sandbox, such as a rebuild, is everybody's.
    const isOthers = job?.target !== undefined && job.target.sandboxName !== sandbox;
    if (job === undefined || isOthers) throw new TesseraError('JOB_NOT_FOUND', 'There is no job with this id.');
    return job;
  }

  async #fold(stream: string): Promise<Job | undefined> {
    let job: Job | undefined;
    let from: number | undefined = 0;
    while (from !== undefined) {
      const slice = await this.log.readStream(stream, { from });
      for (const event of slice.events) job = evolveJob(job, decodeJobEvent(event));
      from = slice.next;
    }
    return job;
  }
}
