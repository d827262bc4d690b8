import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';

import type { FieldGroup } from '#catalog';
import { TesseraError } from '#core';

import { CatalogTail, type SandboxRequest } from '../catalog/catalog-tail.js';

export class GetFieldGroup extends Query<FieldGroup> {
  constructor(
    readonly request: SandboxRequest,
    readonly id: string,
  ) {
    super();
  }
}

@QueryHandler(GetFieldGroup)
export class GetFieldGroupHandler implements IQueryHandler<GetFieldGroup> {
  constructor(private readonly tail: CatalogTail) {}

  async execute({ request, id }: GetFieldGroup): Promise<FieldGroup> {
    const group = (await this.tail.open(request)).fieldGroups.get(id);
    if (group !== undefined) return group;
    throw new TesseraError('FIELD_GROUP_NOT_FOUND', `There is no field group ${JSON.stringify(id)} in this sandbox.`);
  }
}
