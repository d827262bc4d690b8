import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';

import type { IdentitySettings } from '#catalog';

import { CatalogTail, type SandboxRequest } from '../catalog/catalog-tail.js';

export class GetIdentitySettings extends Query<IdentitySettings> {
  constructor(readonly request: SandboxRequest) {
    super();
  }
}

@QueryHandler(GetIdentitySettings)
export class GetIdentitySettingsHandler implements IQueryHandler<GetIdentitySettings> {
  constructor(private readonly catalogs: CatalogTail) {}

  async execute({ request }: GetIdentitySettings): Promise<IdentitySettings> {
    return (await this.catalogs.open(request)).identitySettings;
  }
}
