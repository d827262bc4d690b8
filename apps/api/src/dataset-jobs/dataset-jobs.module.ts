import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';

import { CatalogModule } from '../catalog/catalog.module.js';
import { DatasetJobsController } from './dataset-jobs.controller.js';
import { DatasetWork } from './dataset-work.js';
import { RequestDatasetJobHandler } from './request-dataset-job.handler.js';

/** Work on all fragments of a dataset: delete, backfill. */
@Module({
  imports: [CqrsModule, CatalogModule],
  controllers: [DatasetJobsController],
  providers: [DatasetWork, RequestDatasetJobHandler],
})
export class DatasetJobsModule {}
