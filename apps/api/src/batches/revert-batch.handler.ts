import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';

import { revertBatch } from '#batch';
import { TesseraError } from '#core';

import { CatalogTail, type SandboxRequest } from '../catalog/catalog-tail.js';
import type { RequestedJob } from '../jobs/request-job.handler.js';
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
  ) {}

  /** Throws `BATCH_NOT_FOUND`, `BATCH_NOT_REVERTIBLE`, `NOT_SUPPORTED`. */
  async execute({ request, id }: RevertBatch): Promise<RequestedJob> {
    const { sandbox } = await this.catalogs.open(request);
    const { state } = await this.streams.get(sandbox, id);
    const decision = revertBatch(state, '');
    if (decision.outcome === 'refused') throw new TesseraError(decision.refusal.code, decision.refusal.message);
    throw new TesseraError('NOT_SUPPORTED', 'This version does not take the rows of a batch out again.', {
      errors: [{ path: 'revert', message: 'comes with a later version' }],
    });
  }
}
