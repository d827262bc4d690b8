import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';

import { resetSandbox } from '#catalog';

import { CatalogWriter, type Change, type WriteRequest } from '../catalog/catalog-writer.js';
import { MINT_ID, type MintId } from '../common/ports.js';
import { mintSandboxId } from './sandbox-id.js';

export class ResetSandbox extends Command<Change> {
  constructor(
    readonly request: WriteRequest,
    readonly name: string,
    readonly confirm: string,
  ) {
    super();
  }
}

@CommandHandler(ResetSandbox)
export class ResetSandboxHandler implements ICommandHandler<ResetSandbox> {
  constructor(
    private readonly writer: CatalogWriter,
    @Inject(MINT_ID) private readonly mintId: MintId,
  ) {}

  /** Everything that is named by the old id is out of reach at once. Throws `SANDBOX_NOT_FOUND`, `CONFIRMATION_DIFFERS`. */
  execute({ name, confirm, request }: ResetSandbox): Promise<Change> {
    return this.writer.changeSandboxes(request, (sandboxes) =>
      resetSandbox(sandboxes, { name, confirm, sandboxId: mintSandboxId(this.mintId) }),
    );
  }
}
