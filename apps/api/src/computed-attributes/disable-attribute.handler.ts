import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';

import { disableAttribute } from '#computed-attributes';

import type { SandboxRequest } from '../catalog/catalog-tail.js';
import { CatalogWriter, type Change } from '../catalog/catalog-writer.js';

export class DisableAttribute extends Command<Change> {
  constructor(
    readonly request: SandboxRequest,
    readonly name: string,
  ) {
    super();
  }
}

@CommandHandler(DisableAttribute)
export class DisableAttributeHandler implements ICommandHandler<DisableAttribute> {
  constructor(private readonly writer: CatalogWriter) {}

  execute({ request, name }: DisableAttribute): Promise<Change> {
    return this.writer.changeAttributes(request, (state) => disableAttribute(state, { name }));
  }
}
