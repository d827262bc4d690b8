import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';

import { putMergePolicy, type PutMergePolicy as Definition } from '#catalog';

import type { SandboxRequest } from '../catalog/catalog-tail.js';
import { CatalogWriter, type Change } from '../catalog/catalog-writer.js';

export class PutMergePolicy extends Command<Change> {
  constructor(
    readonly request: SandboxRequest,
    readonly id: string,
    readonly definition: Omit<Definition, 'id'>,
  ) {
    super();
  }
}

@CommandHandler(PutMergePolicy)
export class PutMergePolicyHandler implements ICommandHandler<PutMergePolicy> {
  constructor(private readonly writer: CatalogWriter) {}

  execute({ request, id, definition }: PutMergePolicy): Promise<Change> {
    return this.writer.changeCatalog(request, (catalog) => putMergePolicy(catalog, { id, ...definition }));
  }
}
