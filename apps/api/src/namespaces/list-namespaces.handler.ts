import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';

import type { Namespace } from '#catalog';

import { CatalogTail, type SandboxRequest } from '../catalog/catalog-tail.js';
import { listPage } from '../catalog/list-page.js';
import type { Page, PageRequest } from '../common/page.js';

export class ListNamespaces extends Query<Page<Namespace>> {
  constructor(
    readonly request: SandboxRequest,
    readonly page: PageRequest,
  ) {
    super();
  }
}

@QueryHandler(ListNamespaces)
export class ListNamespacesHandler implements IQueryHandler<ListNamespaces> {
  constructor(private readonly tail: CatalogTail) {}

  async execute({ request, page }: ListNamespaces): Promise<Page<Namespace>> {
    const { namespaces } = await this.tail.open(request);
    return listPage(namespaces, page);
  }
}
