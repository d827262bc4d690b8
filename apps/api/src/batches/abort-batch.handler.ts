import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';

import { abortBatch } from '#batch';
import { laterOf, type Clock } from '#core';
import type { EventLog } from '#event-log';
import { JOB_COMPLETED, JOB_REQUESTED, jobEvent, jobStream } from '#projection';
import { BATCHES_PROJECTION } from '#read-models';

import { CatalogTail, type SandboxRequest } from '../catalog/catalog-tail.js';
import { CLOCK, EVENT_LOG, MINT_ID, type MintId } from '../common/ports.js';
import type { RequestedJob } from '../jobs/request-job.handler.js';
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
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(MINT_ID) private readonly mintId: MintId,
    private readonly catalogs: CatalogTail,
    private readonly streams: BatchStreams,
    private readonly runner: BatchRunner,
  ) {}

  /** Throws `BATCH_NOT_FOUND`, `BATCH_NOT_ABORTABLE`. */
  async execute({ request, id }: AbortBatch): Promise<RequestedJob> {
    const { sandbox } = await this.catalogs.open(request);
    const { position } = await this.streams.change(await this.streams.get(sandbox, id), abortBatch);
    await this.runner.letGo({ sandbox, id });
    const ended = await this.#endedJob();
    return { ...ended, position: laterOf(position, ended.position) };
  }

  /** An abort is done when it is answered; its job says so. */
  async #endedJob(): Promise<RequestedJob> {
    const id = this.mintId().replaceAll('-', '');
    const at = this.clock.now();
    const request = { id, kind: 'abort-batch', projection: BATCHES_PROJECTION, requestedAt: at } as const;
    const [written] = await this.log.append({
      common: { ingestedAt: at, v: 1 },
      writes: [
        {
          stream: jobStream(id),
          expected: 'none',
          events: [
            jobEvent(this.mintId(), { type: JOB_REQUESTED, data: request }),
            jobEvent(this.mintId(), { type: JOB_COMPLETED, data: { at, result: {} } }),
          ],
        },
      ],
    });
    if (written?.outcome === 'unknown') throw written.error;
    return { job: id, position: written?.outcome === 'written' ? written.position : '' };
  }
}
