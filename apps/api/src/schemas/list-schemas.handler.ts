import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';

import { schemaDocument, type SchemaDocument } from '#catalog';

import { CatalogTail, type SandboxRequest } from '../catalog/catalog-tail.js';
import { listPage } from '../catalog/list-page.js';
import type { Page, PageRequest } from '../common/page.js';

export class ListSchemas extends Query<Page<SchemaDocument>> {
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

  async execute({ request, page }: ListSchemas): Promise<Page<SchemaDocument>> {
    const { schemas } = await this.tail.open(request);
    const { items, ...more } = listPage(schemas, page);
    return { items: items.map(schemaDocument), ...more };
  }
}
