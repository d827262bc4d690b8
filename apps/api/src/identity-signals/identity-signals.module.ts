import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';

import { CatalogModule } from '../catalog/catalog.module.js';
import { ProfilesModule } from '../profiles/profiles.module.js';
import { RefusedIdentitiesModule } from '../refused-identities/refused-identities.module.js';
import { GetIdentitySignalsHandler } from './get-identity-signals.handler.js';
import { IdentitySignalsController } from './identity-signals.controller.js';

@Module({
  imports: [CqrsModule, CatalogModule, ProfilesModule, RefusedIdentitiesModule],
  controllers: [IdentitySignalsController],
  providers: [GetIdentitySignalsHandler],
})
export class IdentitySignalsModule {}
