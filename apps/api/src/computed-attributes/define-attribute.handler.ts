import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';

import { defineAttribute } from '#computed-attributes';
import type { JsonValue } from '#core';

import type { SandboxRequest } from '../catalog/catalog-tail.js';
import { CatalogWriter, type Change } from '../catalog/catalog-writer.js';

export class DefineAttribute extends Command<Change> {
  constructor(
    readonly request: SandboxRequest,
    readonly name: string,
    readonly body: JsonValue,
  ) {
    super();
  }
}

@CommandHandler(DefineAttribute)
export class DefineAttributeHandler implements ICommandHandler<DefineAttribute> {
  constructor(private readonly writer: CatalogWriter) {}

  execute({ request, name, body }: DefineAttribute): Promise<Change> {
    return this.writer.changeAttributes(request, (state) => defineAttribute(state, { name, body }));
  }
}
