import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';

import { defineFieldGroup, type DefineFieldGroup as Definition } from '#catalog';

import type { SandboxRequest } from '../catalog/catalog-tail.js';
import { CatalogWriter, type Change } from '../catalog/catalog-writer.js';

export class DefineFieldGroup extends Command<Change> {
  constructor(
    readonly request: SandboxRequest,
    readonly id: string,
    readonly definition: Omit<Definition, 'id'>,
  ) {
    super();
  }
}

@CommandHandler(DefineFieldGroup)
export class DefineFieldGroupHandler implements ICommandHandler<DefineFieldGroup> {
  constructor(private readonly writer: CatalogWriter) {}

  execute({ request, id, definition }: DefineFieldGroup): Promise<Change> {
    return this.writer.changeCatalog(request, (catalog) => defineFieldGroup(catalog, { id, ...definition }));
  }
}
