import { Global, Module } from '@nestjs/common';

import { CatalogModule } from '../catalog/catalog.module.js';
import { ReevaluationWork } from './reevaluation-work.js';
import { Reevaluations } from './reevaluations.js';

/** Profiles follow rules that were changed. */
@Global()
@Module({
  imports: [CatalogModule],
  providers: [ReevaluationWork, Reevaluations],
  exports: [Reevaluations],
})
export class ReevaluationModule {}
