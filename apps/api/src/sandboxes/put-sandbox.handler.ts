import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';

import { putSandbox } from '#catalog';
import { CatalogWriter, type Change, type WriteRequest } from '../catalog/catalog-writer.js';
import { MINT_ID, type MintId } from '../common/ports.js';
import { mintSandboxId } from './sandbox-id.js';

export class PutSandbox extends Command<Change> {
  constructor(
    readonly request: WriteRequest,
    readonly name: string,
    readonly title: string,
  ) {
    super();
  }
}

@CommandHandler(PutSandbox)
export class PutSandboxHandler implements ICommandHandler<PutSandbox> {
  constructor(
    private readonly writer: CatalogWriter,
    @Inject(MINT_ID) private readonly mintId: MintId,
  ) {}

  execute({ name, title, request }: PutSandbox): Promise<Change> {
    return this.writer.changeSandboxes(request, (sandboxes) =>
      putSandbox(sandboxes, { name, title, sandboxId: mintSandboxId(this.mintId) }),
    );
  }
}
