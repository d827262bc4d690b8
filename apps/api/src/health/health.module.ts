import { Module } from '@nestjs/common';

import { ProjectionsModule } from '../projections/projections.module.js';
import { HealthController } from './health.controller.js';
import { Readiness } from './readiness.js';

@Module({ imports: [ProjectionsModule], controllers: [HealthController], providers: [Readiness] })
export class HealthModule {}
