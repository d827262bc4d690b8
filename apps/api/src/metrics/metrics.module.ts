import { Module } from '@nestjs/common';

import { ProjectionsModule } from '../projections/projections.module.js';
import { MetricsController } from './metrics.controller.js';

@Module({ imports: [ProjectionsModule], controllers: [MetricsController] })
export class MetricsModule {}
