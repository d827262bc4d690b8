import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';

import { deleteFieldGroup } from '#catalog';

import type { SandboxRequest } from '../catalog/catalog-tail.js';
import { CatalogWriter, type Change } from '../catalog/catalog-writer.js';

export class DeleteFieldGroup extends Command<Change> {
  constructor(
    readonly request: SandboxRequest,
    readonly id: string,
  ) {
    super();
  }
}

@CommandHandler(DeleteFieldGroup)
export class DeleteFieldGroupHandler implements ICommandHandler<DeleteFieldGroup> {
  constructor(private readonly writer: CatalogWriter) {}

  execute({ request, id }: DeleteFieldGroup): Promise<Change> {
    return this.writer.changeCatalog(request, (catalog) => deleteFieldGroup(catalog, { id }));
  }
}
