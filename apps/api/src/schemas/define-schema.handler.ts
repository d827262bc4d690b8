import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';

import { defineSchema, type DefineSchema as Definition } from '#catalog';

import type { SandboxRequest } from '../catalog/catalog-tail.js';
import { CatalogWriter, type Change } from '../catalog/catalog-writer.js';

export class DefineSchema extends Command<Change> {
  constructor(
    readonly request: SandboxRequest,
    readonly id: string,
    readonly definition: Omit<Definition, 'id'>,
  ) {
    super();
  }
}

@CommandHandler(DefineSchema)
export class DefineSchemaHandler implements ICommandHandler<DefineSchema> {
  constructor(private readonly writer: CatalogWriter) {}

  execute({ request, id, definition }: DefineSchema): Promise<Change> {
    return this.writer.changeCatalog(request, (catalog) => defineSchema(catalog, { id, ...definition }));
  }
}
