import { Global, Module } from '@nestjs/common';

import { JobRunner } from './job-runner.js';
import { JobStreams } from './job-streams.js';
import { RangePasses } from './range-pass.js';

/** Work that outlives the request that asked for it, and the process that began it. */
@Global()
@Module({ providers: [JobStreams, JobRunner, RangePasses], exports: [JobStreams, JobRunner, RangePasses] })
export class BackgroundJobsModule {}
