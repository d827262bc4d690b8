import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';

import { createDataset, type CreateDataset as Settings } from '#catalog';

import type { SandboxRequest } from '../catalog/catalog-tail.js';
import { CatalogWriter, type Change } from '../catalog/catalog-writer.js';

export class CreateDataset extends Command<Change> {
  constructor(
    readonly request: SandboxRequest,
    readonly id: string,
    readonly settings: Omit<Settings, 'id'>,
  ) {
    super();
  }
}

@CommandHandler(CreateDataset)
export class CreateDatasetHandler implements ICommandHandler<CreateDataset> {
  constructor(private readonly writer: CatalogWriter) {}

  execute({ request, id, settings }: CreateDataset): Promise<Change> {
    return this.writer.changeCatalog(request, (catalog) => createDataset(catalog, { id, ...settings }));
  }
}
