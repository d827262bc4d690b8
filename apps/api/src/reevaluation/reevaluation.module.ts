import { Module } from '@nestjs/common';

import { ReevaluationWork } from './reevaluation-work.js';

/** Profiles follow rules that were changed. */
@Module({ providers: [ReevaluationWork] })
export class ReevaluationModule {}
