import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';

import { abortBatch } from '#batch';
import { laterOf } from '#core';

import { CatalogTail, type SandboxRequest } from '../catalog/catalog-tail.js';
import type { RequestedJob } from '../jobs/request-job.handler.js';
import { BatchJobs } from './batch-jobs.js';
import { BatchRunner } from './batch-runner.js';
import { BatchStreams } from './batch-streams.js';

export class AbortBatch extends Command<RequestedJob> {
  constructor(
    readonly request: SandboxRequest,
    readonly id: string,
  ) {
    super();
  }
}

@CommandHandler(AbortBatch)
export class AbortBatchHandler implements ICommandHandler<AbortBatch> {
  constructor(
    private readonly catalogs: CatalogTail,
    private readonly streams: BatchStreams,
    private readonly runner: BatchRunner,
    private readonly jobs: BatchJobs,
  ) {}

  /** Throws `BATCH_NOT_FOUND`, `BATCH_NOT_ABORTABLE`. */
  async execute({ request, id }: AbortBatch): Promise<RequestedJob> {
    const { sandbox } = await this.catalogs.open(request);
    const { position } = await this.streams.change(await this.streams.get(sandbox, id), abortBatch);
    await this.runner.letGo({ sandbox, id });
    const ended = await this.jobs.done('abort-batch', { sandbox, sandboxName: request.sandbox, head: position });
    return { ...ended, position: laterOf(position, ended.position) };
  }
}
