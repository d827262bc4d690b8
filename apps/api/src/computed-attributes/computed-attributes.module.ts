import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';

import { CatalogModule } from '../catalog/catalog.module.js';
import { ProfilesModule } from '../profiles/profiles.module.js';
import { AttributeSurveys } from './attribute-surveys.js';
import { ComputedAttributesController } from './computed-attributes.controller.js';
import { DefineAttributeHandler } from './define-attribute.handler.js';
import { DeleteAttributeHandler } from './delete-attribute.handler.js';
import { DisableAttributeHandler } from './disable-attribute.handler.js';
import { FillingWork } from './filling-work.js';
import { GetAttributeHandler } from './get-attribute.handler.js';
import { ListAttributesHandler } from './list-attributes.handler.js';
import { PreviewAttributeHandler } from './preview-attribute.handler.js';
import { PublishAttributeHandler } from './publish-attribute.handler.js';
import { SurveyAttributeHandler } from './survey-attribute.handler.js';

@Module({
  imports: [CqrsModule, CatalogModule, ProfilesModule],
  controllers: [ComputedAttributesController],
  providers: [
    DefineAttributeHandler,
    PublishAttributeHandler,
    DisableAttributeHandler,
    DeleteAttributeHandler,
    GetAttributeHandler,
    ListAttributesHandler,
    PreviewAttributeHandler,
    FillingWork,
    AttributeSurveys,
    SurveyAttributeHandler,
  ],
})
export class ComputedAttributesModule {}
