import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';

import type { Sandbox } from '#catalog';

import { CatalogTail, type SandboxRequest } from '../catalog/catalog-tail.js';
import { listPage } from '../catalog/list-page.js';
import type { Page, PageRequest } from '../common/page.js';

export class ListSandboxes extends Query<Page<Sandbox>> {
  constructor(
    readonly request: Pick<SandboxRequest, 'token'>,
    readonly page: PageRequest,
  ) {
    super();
  }
}

@QueryHandler(ListSandboxes)
export class ListSandboxesHandler implements IQueryHandler<ListSandboxes> {
  constructor(private readonly tail: CatalogTail) {}

  async execute({ request, page }: ListSandboxes): Promise<Page<Sandbox>> {
    if (request.token !== undefined) await this.tail.waitFor(request.token);
    return listPage(this.tail.sandboxes.state, page);
  }
}
