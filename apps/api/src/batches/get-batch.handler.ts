import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';

import type { Batch } from '#batch';

import { CatalogTail, type SandboxRequest } from '../catalog/catalog-tail.js';
import { BatchStreams } from './batch-streams.js';

export class GetBatch extends Query<Batch> {
  constructor(
    readonly request: SandboxRequest,
    readonly id: string,
  ) {
    super();
  }
}

@QueryHandler(GetBatch)
export class GetBatchHandler implements IQueryHandler<GetBatch> {
  constructor(
    private readonly catalogs: CatalogTail,
    private readonly streams: BatchStreams,
  ) {}

  /** Folds the batch's stream: what the answer to the upload named is there at once. */
  async execute({ request, id }: GetBatch): Promise<Batch> {
    const { sandbox } = await this.catalogs.open(request);
    return (await this.streams.get(sandbox, id)).state;
  }
}
