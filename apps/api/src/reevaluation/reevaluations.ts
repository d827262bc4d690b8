import { Injectable } from '@nestjs/common';

import { laterOf, type Position } from '#core';
import type { SandboxJobKind } from '#projection';

import { JobRunner } from '../background-jobs/job-runner.js';
import { JobStreams } from '../background-jobs/job-streams.js';
import { CatalogTail, type SandboxRequest } from '../catalog/catalog-tail.js';
import type { RequestedJob } from '../jobs/request-job.handler.js';

/** Asks for the profiles of a sandbox to be folded again, by rules that were changed. */
@Injectable()
export class Reevaluations {
  constructor(
    private readonly catalogs: CatalogTail,
    private readonly streams: JobStreams,
    private readonly runner: JobRunner,
  ) {}

  /** `changedAt`: position of the change. */
  async request(
    kind: SandboxJobKind,
    { sandbox: sandboxName }: SandboxRequest,
    changedAt: Position,
  ): Promise<RequestedJob> {
    const { sandbox } = this.catalogs.sandbox(sandboxName);
    const { job, position } = await this.streams.request(kind, { sandbox, sandboxName, head: changedAt });
    this.runner.enqueue(job);
    return { job: job.id, position: laterOf(position, changedAt) };
  }
}
