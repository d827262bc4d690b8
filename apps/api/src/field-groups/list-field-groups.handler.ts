import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';

import type { FieldGroup } from '#catalog';

import { CatalogTail, type SandboxRequest } from '../catalog/catalog-tail.js';
import { listPage } from '../catalog/list-page.js';
import type { Page, PageRequest } from '../common/page.js';

export class ListFieldGroups extends Query<Page<FieldGroup>> {
  constructor(
    readonly request: SandboxRequest,
    readonly page: PageRequest,
  ) {
    super();
  }
}

@QueryHandler(ListFieldGroups)
export class ListFieldGroupsHandler implements IQueryHandler<ListFieldGroups> {
  constructor(private readonly tail: CatalogTail) {}

  async execute({ request, page }: ListFieldGroups): Promise<Page<FieldGroup>> {
    const { fieldGroups } = await this.tail.open(request);
    return listPage(fieldGroups, page);
  }
}
