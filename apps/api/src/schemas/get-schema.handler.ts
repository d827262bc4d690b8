import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';

import { schemaDocument, type SchemaDocument } from '#catalog';
import { TesseraError } from '#core';

import { CatalogTail, type SandboxRequest } from '../catalog/catalog-tail.js';

export class GetSchema extends Query<SchemaDocument> {
  constructor(
    readonly request: SandboxRequest,
    readonly id: string,
  ) {
    super();
  }
}

@QueryHandler(GetSchema)
export class GetSchemaHandler implements IQueryHandler<GetSchema> {
  constructor(private readonly tail: CatalogTail) {}

  async execute({ request, id }: GetSchema): Promise<SchemaDocument> {
    const schema = (await this.tail.open(request)).schemas.get(id);
    if (schema !== undefined) return schemaDocument(schema);
    throw new TesseraError('SCHEMA_NOT_FOUND', `There is no schema ${JSON.stringify(id)} in this sandbox.`);
  }
}
