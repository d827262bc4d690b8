import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';

import { CatalogModule } from '../catalog/catalog.module.js';
import { ProfilesModule } from '../profiles/profiles.module.js';
import { IdentityLinksController } from './identity-links.controller.js';
import { JudgeLinkHandler } from './judge-link.handler.js';

@Module({
  imports: [CqrsModule, CatalogModule, ProfilesModule],
  controllers: [IdentityLinksController],
  providers: [JudgeLinkHandler],
})
export class IdentityLinksModule {}
