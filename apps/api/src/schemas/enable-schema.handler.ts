import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';

import { enableSchema } from '#catalog';

import type { SandboxRequest } from '../catalog/catalog-tail.js';
import { CatalogWriter, type Change } from '../catalog/catalog-writer.js';

export class EnableSchema extends Command<Change> {
  constructor(
    readonly request: SandboxRequest,
    readonly id: string,
  ) {
    super();
  }
}

@CommandHandler(EnableSchema)
export class EnableSchemaHandler implements ICommandHandler<EnableSchema> {
  constructor(private readonly writer: CatalogWriter) {}

  execute({ request, id }: EnableSchema): Promise<Change> {
    return this.writer.changeCatalog(request, (catalog) => enableSchema(catalog, { id }));
  }
}
