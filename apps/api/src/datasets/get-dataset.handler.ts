import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';

import type { Dataset } from '#catalog';
import { TesseraError } from '#core';

import { CatalogTail, type SandboxRequest } from '../catalog/catalog-tail.js';

export class GetDataset extends Query<Dataset> {
  constructor(
    readonly request: SandboxRequest,
    readonly id: string,
  ) {
    super();
  }
}

@QueryHandler(GetDataset)
export class GetDatasetHandler implements IQueryHandler<GetDataset> {
  constructor(private readonly tail: CatalogTail) {}

  async execute({ request, id }: GetDataset): Promise<Dataset> {
    const dataset = (await this.tail.open(request)).datasets.get(id);
    if (dataset !== undefined) return dataset;
    throw new TesseraError('DATASET_NOT_FOUND', `There is no dataset ${JSON.stringify(id)} in this sandbox.`);
  }
}
