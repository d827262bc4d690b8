import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';

import type { Dataset } from '#catalog';

import { CatalogTail, type SandboxRequest } from '../catalog/catalog-tail.js';
import { listPage } from '../catalog/list-page.js';
import type { Page, PageRequest } from '../common/page.js';

export class ListDatasets extends Query<Page<Dataset>> {
  constructor(
    readonly request: SandboxRequest,
    readonly page: PageRequest,
  ) {
    super();
  }
}

@QueryHandler(ListDatasets)
export class ListDatasetsHandler implements IQueryHandler<ListDatasets> {
  constructor(private readonly tail: CatalogTail) {}

  async execute({ request, page }: ListDatasets): Promise<Page<Dataset>> {
    const { datasets } = await this.tail.open(request);
    return listPage(datasets, page);
  }
}
