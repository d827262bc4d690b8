import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';

import { defineNamespace, type DefineNamespace as Definition } from '#catalog';

import type { SandboxRequest } from '../catalog/catalog-tail.js';
import { CatalogWriter, type Change } from '../catalog/catalog-writer.js';

export class DefineNamespace extends Command<Change> {
  constructor(
    readonly request: SandboxRequest,
    readonly code: string,
    readonly definition: Omit<Definition, 'code'>,
  ) {
    super();
  }
}

@CommandHandler(DefineNamespace)
export class DefineNamespaceHandler implements ICommandHandler<DefineNamespace> {
  constructor(private readonly writer: CatalogWriter) {}

  execute({ request, code, definition }: DefineNamespace): Promise<Change> {
    return this.writer.changeCatalog(request, (catalog) => defineNamespace(catalog, { code, ...definition }));
  }
}
