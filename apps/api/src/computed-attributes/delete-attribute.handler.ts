import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';

import { deleteAttribute } from '#computed-attributes';

import type { SandboxRequest } from '../catalog/catalog-tail.js';
import { CatalogWriter, type Change } from '../catalog/catalog-writer.js';

export class DeleteAttribute extends Command<Change> {
  constructor(
    readonly request: SandboxRequest,
    readonly name: string,
  ) {
    super();
  }
}

@CommandHandler(DeleteAttribute)
export class DeleteAttributeHandler implements ICommandHandler<DeleteAttribute> {
  constructor(private readonly writer: CatalogWriter) {}

  execute({ request, name }: DeleteAttribute): Promise<Change> {
    return this.writer.changeAttributes(request, (state) => deleteAttribute(state, { name }));
  }
}
