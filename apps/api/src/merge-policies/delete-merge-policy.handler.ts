import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';

import { deleteMergePolicy } from '#catalog';

import type { SandboxRequest } from '../catalog/catalog-tail.js';
import { CatalogWriter, type Change } from '../catalog/catalog-writer.js';

export class DeleteMergePolicy extends Command<Change> {
  constructor(
    readonly request: SandboxRequest,
    readonly id: string,
  ) {
    super();
  }
}

@CommandHandler(DeleteMergePolicy)
export class DeleteMergePolicyHandler implements ICommandHandler<DeleteMergePolicy> {
  constructor(private readonly writer: CatalogWriter) {}

  execute({ request, id }: DeleteMergePolicy): Promise<Change> {
    return this.writer.changeCatalog(request, (catalog) => deleteMergePolicy(catalog, { id }));
  }
}
