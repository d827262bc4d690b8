import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';

import { classesOf, unionOf, type Union } from '#catalog';
import { TesseraError } from '#core';

import { withComputedAttributes } from '../computed-attributes/union-paths.js';
import { CatalogTail, type SandboxRequest } from '../catalog/catalog-tail.js';

export class GetUnion extends Query<Union> {
  constructor(
    readonly request: SandboxRequest,
    readonly schemaClass: string,
  ) {
    super();
  }
}

@QueryHandler(GetUnion)
export class GetUnionHandler implements IQueryHandler<GetUnion> {
  constructor(private readonly tail: CatalogTail) {}

  async execute({ request, schemaClass }: GetUnion): Promise<Union> {
    const catalog = await this.tail.open(request);
    if (classesOf(catalog).includes(schemaClass)) {
      return withComputedAttributes(unionOf(catalog, schemaClass), this.tail.attributes(request.sandbox));
    }
    throw new TesseraError(
      'CLASS_NOT_FOUND',
      `No schema of this sandbox is of the class ${JSON.stringify(schemaClass)}.`,
    );
  }
}
