import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';

import { LeaseWatch } from './lease-watch.js';
import { ListProjectionsHandler } from './list-projections.handler.js';
import { ProjectionStates } from './projection-states.js';
import { ProjectionsController } from './projections.controller.js';

@Module({
  imports: [CqrsModule],
  controllers: [ProjectionsController],
  providers: [ListProjectionsHandler, ProjectionStates, LeaseWatch],
  exports: [ProjectionStates, LeaseWatch],
})
export class ProjectionsModule {}
