import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';

import { TesseraError } from '#core';

import { CatalogTail, type SandboxRequest } from '../catalog/catalog-tail.js';
import { mergePolicyAnswer } from './merge-policy-answer.js';
import type { MergePolicyAnswer } from './merge-policy.dto.js';

export class GetMergePolicy extends Query<MergePolicyAnswer> {
  constructor(
    readonly request: SandboxRequest,
    readonly id: string,
  ) {
    super();
  }
}

@QueryHandler(GetMergePolicy)
export class GetMergePolicyHandler implements IQueryHandler<GetMergePolicy> {
  constructor(private readonly tail: CatalogTail) {}

  async execute({ request, id }: GetMergePolicy): Promise<MergePolicyAnswer> {
    const catalog = await this.tail.open(request);
    const policy = catalog.mergePolicies.get(id);
    if (policy !== undefined) return mergePolicyAnswer(catalog, policy);
    throw new TesseraError('MERGE_POLICY_NOT_FOUND', `There is no merge policy ${JSON.stringify(id)} in this sandbox.`);
  }
}
