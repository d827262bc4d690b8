import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';

import { laterOf, TesseraError } from '#core';
import type { EventLogReader } from '#event-log';
import type { DatasetJobKind } from '#projection';

import { JobRunner } from '../background-jobs/job-runner.js';
import { JobStreams } from '../background-jobs/job-streams.js';
import { CatalogTail, type SandboxRequest } from '../catalog/catalog-tail.js';
import { EVENT_LOG } from '../common/ports.js';
import type { RequestedJob } from '../jobs/request-job.handler.js';
import { DatasetWork } from './dataset-work.js';

/** Asks for work on all fragments of a dataset. The request is an event, so it outlives the process. */
export class RequestDatasetJob extends Command<RequestedJob> {
  constructor(
    readonly request: SandboxRequest,
    readonly dataset: string,
    readonly kind: DatasetJobKind,
  ) {
    super();
  }
}

@CommandHandler(RequestDatasetJob)
export class RequestDatasetJobHandler implements ICommandHandler<RequestDatasetJob> {
  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLogReader,
    private readonly catalogs: CatalogTail,
    private readonly streams: JobStreams,
    private readonly runner: JobRunner,
    private readonly work: DatasetWork,
  ) {}

  /**
   * A dataset that is to be deleted is gone from the catalog when this is answered; its data follows. The job is asked for
   * first: after a crash in between it does both. Throws `DATASET_NOT_FOUND`.
   */
  async execute({ request, dataset: id, kind }: RequestDatasetJob): Promise<RequestedJob> {
    const { sandbox, datasets } = await this.catalogs.open(request);
    const dataset = datasets.get(id);
    if (dataset === undefined) {
      throw new TesseraError('DATASET_NOT_FOUND', `There is no dataset ${JSON.stringify(id)}.`);
    }
    const { createdAt } = dataset;
    const head = await this.log.head();
    const target = { sandbox, sandboxName: request.sandbox, dataset: id, createdAt, head };
    const { job, position } = await this.streams.request(kind, target);
    this.runner.enqueue(job);
    if (kind !== 'delete-dataset') return { job: job.id, position };
    return { job: job.id, position: laterOf(position, await this.work.deleteFromCatalog(target)) };
  }
}
