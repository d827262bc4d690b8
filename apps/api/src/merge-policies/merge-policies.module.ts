import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';

import { CatalogModule } from '../catalog/catalog.module.js';
import { ProfilesModule } from '../profiles/profiles.module.js';
import { DeleteMergePolicyHandler } from './delete-merge-policy.handler.js';
import { GetMergePolicyHandler } from './get-merge-policy.handler.js';
import { ListMergePoliciesHandler } from './list-merge-policies.handler.js';
import { MergePoliciesController } from './merge-policies.controller.js';
import { PreviewMergePolicyHandler } from './preview-merge-policy.handler.js';
import { PutMergePolicyHandler } from './put-merge-policy.handler.js';

@Module({
  imports: [CqrsModule, CatalogModule, ProfilesModule],
  controllers: [MergePoliciesController],
  providers: [
    PutMergePolicyHandler,
    DeleteMergePolicyHandler,
    GetMergePolicyHandler,
    ListMergePoliciesHandler,
    PreviewMergePolicyHandler,
  ],
})
export class MergePoliciesModule {}
