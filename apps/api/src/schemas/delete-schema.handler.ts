import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';

import { deleteSchema } from '#catalog';

import type { SandboxRequest } from '../catalog/catalog-tail.js';
import { CatalogWriter, type Change } from '../catalog/catalog-writer.js';

export class DeleteSchema extends Command<Change> {
  constructor(
    readonly request: SandboxRequest,
    readonly id: string,
  ) {
    super();
  }
}

@CommandHandler(DeleteSchema)
export class DeleteSchemaHandler implements ICommandHandler<DeleteSchema> {
  constructor(private readonly writer: CatalogWriter) {}

  execute({ request, id }: DeleteSchema): Promise<Change> {
    return this.writer.changeCatalog(request, (catalog) => deleteSchema(catalog, { id }));
  }
}
