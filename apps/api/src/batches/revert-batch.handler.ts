import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';

import { revertBatch } from '#batch';
import { POSITION_START, TesseraError } from '#core';

import { CatalogTail, type SandboxRequest } from '../catalog/catalog-tail.js';
import type { RequestedJob } from '../jobs/request-job.handler.js';
import { BatchJobs } from './batch-jobs.js';
import { BatchRunner } from './batch-runner.js';
import { BatchStreams } from './batch-streams.js';

export class RevertBatch extends Command<RequestedJob> {
  constructor(
    readonly request: SandboxRequest,
    readonly id: string,
  ) {
    super();
  }
}

@CommandHandler(RevertBatch)
export class RevertBatchHandler implements ICommandHandler<RevertBatch> {
  constructor(
    private readonly catalogs: CatalogTail,
    private readonly streams: BatchStreams,
    private readonly runner: BatchRunner,
    private readonly jobs: BatchJobs,
  ) {}

  /** Who asks again is answered with the same job. Throws `BATCH_NOT_FOUND`, `BATCH_NOT_REVERTIBLE`. */
  async execute({ request, id }: RevertBatch): Promise<RequestedJob> {
    const { sandbox } = await this.catalogs.open(request);
    const at = await this.streams.get(sandbox, id);
    const decision = revertBatch(at.state, '');
    if (decision.outcome === 'refused') throw new TesseraError(decision.refusal.code, decision.refusal.message);
    const { revertJob } = at.state;
    if (revertJob !== undefined) return { job: revertJob, position: POSITION_START };
    const { job } = await this.jobs.request('revert-batch', {
      sandbox,
      sandboxName: request.sandbox,
      head: this.catalogs.position,
    });
    const { state, position } = await this.streams.change(at, (batch) => revertBatch(batch, job));
    this.runner.enqueue({ sandbox, id });
    return { job: state.revertJob ?? job, position };
  }
}
