import { Injectable } from '@nestjs/common';

import type { Position } from '#core';
import { JOBS, JOBS_PROJECTION, OPEN_TO_PROJECTOR, type Job } from '#projection';

import { LiveView } from '../common/live-view.js';

/** Jobs are run one after another and by hand: more than a few never wait. */
const AT_MOST = 1_000;

/** Jobs that are not ended, as the projector's queue has them. */
@Injectable()
export class OpenJobs {
  constructor(private readonly live: LiveView) {}

  /** The job of this kind on this projection that is not ended, seeing at least what was written up to `token`. */
  async find(wanted: Pick<Job, 'kind' | 'projection'>, token: Position | undefined): Promise<Job | undefined> {
    const reader = await this.live.readerAt(JOBS_PROJECTION, token);
    const documents = await reader.scan(JOBS.name, { index: 'by_open', equals: [OPEN_TO_PROJECTOR], limit: AT_MOST });
    return documents
      .map(({ body }) => JSON.parse(body) as Job)
      .find((job) => job.kind === wanted.kind && job.projection === wanted.projection);
  }
}
