import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';

import { ProfilesModule } from '../profiles/profiles.module.js';
import { FragmentsController } from './fragments.controller.js';
import { GetFragmentHandler } from './get-fragment.handler.js';

@Module({
  imports: [CqrsModule, ProfilesModule],
  controllers: [FragmentsController],
  providers: [GetFragmentHandler],
})
export class FragmentsModule {}
