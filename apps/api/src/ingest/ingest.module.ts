import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';

import type { NamingSecret } from '#core';
import { FragmentNames } from '#profile';

import { CatalogModule } from '../catalog/catalog.module.js';
import { NAMING_SECRET } from '../common/ports.js';
import { RefusedIdentitiesModule } from '../refused-identities/refused-identities.module.js';
import { IngestItemsHandler } from './ingest-items.handler.js';
import { IngestController } from './ingest.controller.js';

/** One for the process: what it remembers is large. */
const fragmentNames = {
  provide: FragmentNames,
  useFactory: (secret: NamingSecret) => new FragmentNames(secret),
  inject: [NAMING_SECRET],
};

@Module({
  imports: [CqrsModule, CatalogModule, RefusedIdentitiesModule],
  controllers: [IngestController],
  providers: [IngestItemsHandler, fragmentNames],
  exports: [FragmentNames],
})
export class IngestModule {}
