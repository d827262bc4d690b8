import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';

import { disableDataset } from '#catalog';

import type { SandboxRequest } from '../catalog/catalog-tail.js';
import { CatalogWriter, type Change } from '../catalog/catalog-writer.js';

export class DisableDataset extends Command<Change> {
  constructor(
    readonly request: SandboxRequest,
    readonly id: string,
  ) {
    super();
  }
}

@CommandHandler(DisableDataset)
export class DisableDatasetHandler implements ICommandHandler<DisableDataset> {
  constructor(private readonly writer: CatalogWriter) {}

  execute({ request, id }: DisableDataset): Promise<Change> {
    return this.writer.changeCatalog(request, (catalog) => disableDataset(catalog, { id }));
  }
}
