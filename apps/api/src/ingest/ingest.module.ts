import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';

import { CatalogModule } from '../catalog/catalog.module.js';
import { IngestItemsHandler } from './ingest-items.handler.js';
import { IngestController } from './ingest.controller.js';

@Module({
  imports: [CqrsModule, CatalogModule],
  controllers: [IngestController],
  providers: [IngestItemsHandler],
})
export class IngestModule {}
