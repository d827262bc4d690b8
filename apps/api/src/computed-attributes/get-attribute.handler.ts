import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';

import type { ComputedAttribute } from '#computed-attributes';
import { TesseraError } from '#core';

import { CatalogTail, type SandboxRequest } from '../catalog/catalog-tail.js';

export class GetAttribute extends Query<ComputedAttribute> {
  constructor(
    readonly request: SandboxRequest,
    readonly name: string,
  ) {
    super();
  }
}

@QueryHandler(GetAttribute)
export class GetAttributeHandler implements IQueryHandler<GetAttribute> {
  constructor(private readonly tail: CatalogTail) {}

  async execute({ request, name }: GetAttribute): Promise<ComputedAttribute> {
    await this.tail.open(request);
    const attribute = this.tail.attributes(request.sandbox).get(name);
    if (attribute !== undefined) return attribute;
    throw new TesseraError('ATTRIBUTE_NOT_FOUND', `There is no computed attribute ${JSON.stringify(name)}.`);
  }
}
