import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';

import type { Sandbox } from '#catalog';
import { TesseraError } from '#core';

import { CatalogTail, type SandboxRequest } from '../catalog/catalog-tail.js';

export class GetSandbox extends Query<Sandbox> {
  constructor(
    readonly request: Pick<SandboxRequest, 'token'>,
    readonly name: string,
  ) {
    super();
  }
}

@QueryHandler(GetSandbox)
export class GetSandboxHandler implements IQueryHandler<GetSandbox> {
  constructor(private readonly tail: CatalogTail) {}

  async execute({ request, name }: GetSandbox): Promise<Sandbox> {
    if (request.token !== undefined) await this.tail.waitFor(request.token);
    const sandbox = this.tail.sandboxes.state.get(name);
    if (sandbox !== undefined) return sandbox;
    throw new TesseraError('SANDBOX_NOT_FOUND', `There is no sandbox ${JSON.stringify(name)}.`);
  }
}
