import { Controller, Get, Param } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';

import { AskedSandbox } from '../catalog/asked-sandbox.decorator.js';
import type { SandboxRequest } from '../catalog/catalog-tail.js';
import { GetJob } from './get-job.handler.js';
import { JobAnswer, jobAnswer } from './job.dto.js';

@ApiTags('Operations')
@Controller('v1/jobs')
export class JobsController {
  constructor(private readonly queries: QueryBus) {}

  @Get(':id')
  @ApiOperation({ summary: 'What has become of a job' })
  @ApiOkResponse({ type: JobAnswer })
  async get(@AskedSandbox() { sandbox }: SandboxRequest, @Param('id') id: string): Promise<JobAnswer> {
    return jobAnswer(await this.queries.execute(new GetJob(id, sandbox)));
  }
}
