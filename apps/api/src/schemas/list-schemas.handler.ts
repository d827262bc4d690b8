import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';

import type { Schema } from '#catalog';

import { CatalogTail, type SandboxRequest } from '../catalog/catalog-tail.js';
import { listPage } from '../catalog/list-page.js';
import type { Page, PageRequest } from '../common/page.js';

export class ListSchemas extends Query<Page<Schema>> {
  constructor(
    readonly request: SandboxRequest,
    readonly page: PageRequest,
  ) {
    super();
  }
}

@QueryHandler(ListSchemas)
export class ListSchemasHandler implements IQueryHandler<ListSchemas> {
  constructor(private readonly tail: CatalogTail) {}

  async execute({ request, page }: ListSchemas): Promise<Page<Schema>> {
    const { schemas } = await this.tail.open(request);
    return listPage(schemas, page);
  }
}
