import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';

import { CatalogModule } from '../catalog/catalog.module.js';
import { ChangeIdentitySettingsHandler } from './change-identity-settings.handler.js';
import { GetIdentitySettingsHandler } from './get-identity-settings.handler.js';
import { IdentitySettingsController } from './identity-settings.controller.js';

@Module({
  imports: [CqrsModule, CatalogModule],
  controllers: [IdentitySettingsController],
  providers: [GetIdentitySettingsHandler, ChangeIdentitySettingsHandler],
})
export class IdentitySettingsModule {}
