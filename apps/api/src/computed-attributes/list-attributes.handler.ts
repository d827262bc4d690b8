import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';

import type { ComputedAttribute } from '#computed-attributes';

import { CatalogTail, type SandboxRequest } from '../catalog/catalog-tail.js';
import { listPage } from '../catalog/list-page.js';
import type { Page, PageRequest } from '../common/page.js';

export class ListAttributes extends Query<Page<ComputedAttribute>> {
  constructor(
    readonly request: SandboxRequest,
    readonly page: PageRequest,
  ) {
    super();
  }
}

@QueryHandler(ListAttributes)
export class ListAttributesHandler implements IQueryHandler<ListAttributes> {
  constructor(private readonly tail: CatalogTail) {}

  async execute({ request, page }: ListAttributes): Promise<Page<ComputedAttribute>> {
    await this.tail.open(request);
    return listPage(this.tail.attributes(request.sandbox), page);
  }
}
