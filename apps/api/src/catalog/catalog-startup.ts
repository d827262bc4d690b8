import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';

import { createDefaultSandbox } from '#catalog';

import { MINT_ID, type MintId } from '../common/ports.js';
import { mintSandboxId } from '../sandboxes/sandbox-id.js';
import { CatalogTail } from './catalog-tail.js';
import { CatalogWriter } from './catalog-writer.js';

/** Before the first request: the catalog is held, and the default sandbox is there. */
@Injectable()
export class CatalogStartup implements OnModuleInit {
  constructor(
    private readonly tail: CatalogTail,
    private readonly writer: CatalogWriter,
    @Inject(MINT_ID) private readonly mintId: MintId,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.tail.start();
    await this.writer.changeSandboxes({}, (sandboxes) =>
      createDefaultSandbox(sandboxes, { sandboxId: mintSandboxId(this.mintId) }),
    );
  }
}
