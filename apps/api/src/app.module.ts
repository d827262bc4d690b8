import { Module, type DynamicModule } from '@nestjs/common';

import { BackgroundJobsModule } from './background-jobs/background-jobs.module.js';
import { BatchesModule } from './batches/batches.module.js';
import { CatalogModule } from './catalog/catalog.module.js';
import { EnginesModule, type Outside } from './common/engines.module.js';
import { ComputedAttributesModule } from './computed-attributes/computed-attributes.module.js';
import { DatasetJobsModule } from './dataset-jobs/dataset-jobs.module.js';
import { FragmentsModule } from './fragments/fragments.module.js';
import { HealthModule } from './health/health.module.js';
import { IngestModule } from './ingest/ingest.module.js';
import { JobsModule } from './jobs/jobs.module.js';
import { MergePoliciesModule } from './merge-policies/merge-policies.module.js';
import { MetricsModule } from './metrics/metrics.module.js';
import { ProfilesModule } from './profiles/profiles.module.js';
import { ProjectionsModule } from './projections/projections.module.js';
import { ReevaluationModule } from './reevaluation/reevaluation.module.js';

@Module({})
export class AppModule {
  static with(outside: Outside): DynamicModule {
    return {
      module: AppModule,
      imports: [
        EnginesModule.with(outside),
        CatalogModule,
        IngestModule,
        BatchesModule,
        BackgroundJobsModule,
        DatasetJobsModule,
        FragmentsModule,
        ProfilesModule,
        MergePoliciesModule,
        ReevaluationModule,
        ComputedAttributesModule,
        JobsModule,
        ProjectionsModule,
        HealthModule,
        MetricsModule,
      ],
    };
  }
}
