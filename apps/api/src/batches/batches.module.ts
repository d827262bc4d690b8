import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';

import { CatalogModule } from '../catalog/catalog.module.js';
import type { BatchSettings } from '../common/config.js';
import { BATCH_SETTINGS } from '../common/ports.js';
import { IngestModule } from '../ingest/ingest.module.js';
import { AbortBatchHandler } from './abort-batch.handler.js';
import { BatchJobs } from './batch-jobs.js';
import { BatchRunner } from './batch-runner.js';
import { BatchStreams } from './batch-streams.js';
import { BatchWork } from './batch-work.js';
import { BatchesController } from './batches.controller.js';
import { GetBatchHandler } from './get-batch.handler.js';
import { RefusedIdentitiesModule } from '../refused-identities/refused-identities.module.js';
import { ListBatchesHandler } from './list-batches.handler.js';
import { ListRejectedRowsHandler } from './list-rejected-rows.handler.js';
import { ReceiveBatchHandler } from './receive-batch.handler.js';
import { RevertBatchHandler } from './revert-batch.handler.js';
import { Spool } from './spool.js';

const spool = {
  provide: Spool,
  useFactory: (settings: BatchSettings) => new Spool(settings),
  inject: [BATCH_SETTINGS],
};

@Module({
  imports: [CqrsModule, CatalogModule, RefusedIdentitiesModule, IngestModule],
  controllers: [BatchesController],
  providers: [
    spool,
    BatchStreams,
    BatchJobs,
    BatchWork,
    BatchRunner,
    ReceiveBatchHandler,
    GetBatchHandler,
    ListBatchesHandler,
    ListRejectedRowsHandler,
    AbortBatchHandler,
    RevertBatchHandler,
  ],
})
export class BatchesModule {}
