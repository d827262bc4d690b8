import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';

import { enableDataset } from '#catalog';

import type { SandboxRequest } from '../catalog/catalog-tail.js';
import { CatalogWriter, type Change } from '../catalog/catalog-writer.js';

export class EnableDataset extends Command<Change> {
  constructor(
    readonly request: SandboxRequest,
    readonly id: string,
  ) {
    super();
  }
}

@CommandHandler(EnableDataset)
export class EnableDatasetHandler implements ICommandHandler<EnableDataset> {
  constructor(private readonly writer: CatalogWriter) {}

  execute({ request, id }: EnableDataset): Promise<Change> {
    return this.writer.changeCatalog(request, (catalog) => enableDataset(catalog, { id }));
  }
}
