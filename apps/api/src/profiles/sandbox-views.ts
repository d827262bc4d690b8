import { Inject, Injectable } from '@nestjs/common';

import type { Clock, NamingSecret } from '#core';
import { PROFILE_PROJECTION } from '#read-models';

import { CatalogTail, type SandboxRequest } from '../catalog/catalog-tail.js';
import { LiveView } from '../common/live-view.js';
import { CLOCK, NAMING_SECRET } from '../common/ports.js';
import { SandboxView } from './sandbox-view.js';

/** Opens what a query reads. */
@Injectable()
export class SandboxViews {
  constructor(
    private readonly catalogs: CatalogTail,
    private readonly live: LiveView,
    @Inject(NAMING_SECRET) private readonly secret: NamingSecret,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Catalog and read model, both at the wanted write at least. Throws `SANDBOX_NOT_FOUND`, `NOT_YET_VISIBLE`. */
  async open(request: SandboxRequest): Promise<SandboxView> {
    const catalog = await this.catalogs.open(request);
    const version = await this.live.openAt(PROFILE_PROJECTION, request.token);
    return new SandboxView(catalog, version, this.secret, this.clock.now());
  }
}
