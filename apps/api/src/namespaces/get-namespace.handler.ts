import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';

import { namespaceOf, type Namespace } from '#catalog';
import { TesseraError } from '#core';

import { CatalogTail, type SandboxRequest } from '../catalog/catalog-tail.js';

export class GetNamespace extends Query<Namespace> {
  constructor(
    readonly request: SandboxRequest,
    readonly code: string,
  ) {
    super();
  }
}

@QueryHandler(GetNamespace)
export class GetNamespaceHandler implements IQueryHandler<GetNamespace> {
  constructor(private readonly tail: CatalogTail) {}

  async execute({ request, code }: GetNamespace): Promise<Namespace> {
    const namespace = namespaceOf(await this.tail.open(request), code);
    if (namespace !== undefined) return namespace;
    throw new TesseraError('NAMESPACE_NOT_FOUND', `There is no namespace ${JSON.stringify(code)} in this sandbox.`);
  }
}
