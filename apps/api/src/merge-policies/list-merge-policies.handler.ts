import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';

import { CatalogTail, type SandboxRequest } from '../catalog/catalog-tail.js';
import { listPage } from '../catalog/list-page.js';
import type { Page, PageRequest } from '../common/page.js';
import { mergePolicyAnswer } from './merge-policy-answer.js';
import type { MergePolicyAnswer } from './merge-policy.dto.js';

export class ListMergePolicies extends Query<Page<MergePolicyAnswer>> {
  constructor(
    readonly request: SandboxRequest,
    readonly page: PageRequest,
  ) {
    super();
  }
}

@QueryHandler(ListMergePolicies)
export class ListMergePoliciesHandler implements IQueryHandler<ListMergePolicies> {
  constructor(private readonly tail: CatalogTail) {}

  async execute({ request, page }: ListMergePolicies): Promise<Page<MergePolicyAnswer>> {
    const catalog = await this.tail.open(request);
    const { items, ...rest } = listPage(catalog.mergePolicies, page);
    return { items: items.map((policy) => mergePolicyAnswer(catalog, policy)), ...rest };
  }
}
