import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';

import { CatalogModule } from '../catalog/catalog.module.js';
import { IdentityLinksController } from '../identity-links/identity-links.controller.js';
import { JudgeLinkHandler } from '../identity-links/judge-link.handler.js';
import { ChangeIdentitySettingsHandler } from '../identity-settings/change-identity-settings.handler.js';
import { GetIdentitySettingsHandler } from '../identity-settings/get-identity-settings.handler.js';
import { IdentitySettingsController } from '../identity-settings/identity-settings.controller.js';
import { BrowseProfilesHandler } from './browse-profiles.handler.js';
import { DeleteProfileController } from './delete-profile.controller.js';
import { DeleteProfileHandler } from './delete-profile.handler.js';
import { GetProfileByIdHandler } from './get-profile-by-id.handler.js';
import { GetProfileEventsHandler } from './get-profile-events.handler.js';
import { GetProfileIdentitiesHandler } from './get-profile-identities.handler.js';
import { GetProfileLineageHandler } from './get-profile-lineage.handler.js';
import { GetProfileHandler } from './get-profile.handler.js';
import { LookUpProfilesHandler } from './look-up-profiles.handler.js';
import { ProfilesController } from './profiles.controller.js';
import { SandboxViews } from './sandbox-views.js';

@Module({
  imports: [CqrsModule, CatalogModule],
  controllers: [ProfilesController, DeleteProfileController, IdentityLinksController, IdentitySettingsController],
  providers: [
    BrowseProfilesHandler,
    DeleteProfileHandler,
    GetProfileByIdHandler,
    GetProfileEventsHandler,
    GetProfileIdentitiesHandler,
    GetProfileHandler,
    GetProfileLineageHandler,
    LookUpProfilesHandler,
    JudgeLinkHandler,
    GetIdentitySettingsHandler,
    ChangeIdentitySettingsHandler,
    SandboxViews,
  ],
  exports: [SandboxViews],
})
export class ProfilesModule {}
