import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';

import { GetJobHandler } from './get-job.handler.js';
import { JobsController } from './jobs.controller.js';
import { OpenJobs } from './open-jobs.js';
import { RequestJobHandler } from './request-job.handler.js';

@Module({
  imports: [CqrsModule],
  controllers: [JobsController],
  providers: [GetJobHandler, OpenJobs, RequestJobHandler],
})
export class JobsModule {}
