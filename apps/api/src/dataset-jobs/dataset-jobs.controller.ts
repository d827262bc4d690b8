import { Controller, Delete, HttpCode, Param, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiAcceptedResponse, ApiNotFoundResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import type { DatasetJobKind } from '#projection';

import { AskedSandbox } from '../catalog/asked-sandbox.decorator.js';
import type { SandboxRequest } from '../catalog/catalog-tail.js';
import { answerConsistency } from '../common/consistency.js';
import { JobStarted } from '../jobs/job.dto.js';
import { RequestDatasetJob } from './request-dataset-job.handler.js';

@ApiTags('Datasets')
@Controller('v1/datasets')
export class DatasetJobsController {
  constructor(private readonly commands: CommandBus) {}

  @Delete(':id/data')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Delete everything that a dataset holds now',
    description:
      'Shown or not. Identities and their links stay; ids of items are free again once the job has ended. What comes in ' +
      'after the request stays. The job goes on after a restart.',
  })
  @ApiAcceptedResponse({ type: JobStarted })
  @ApiNotFoundResponse({ description: 'DATASET_NOT_FOUND' })
  deleteData(
    @AskedSandbox() request: SandboxRequest,
    @Param('id') id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobStarted> {
    return this.#start(request, id, 'delete-dataset-data', reply);
  }

  @Delete(':id')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Delete a dataset with everything that it holds',
    description:
      'From the answer on there is no such dataset: items for it are refused with 404, its schema is free, and its id may ' +
      'be used again. What it held goes while the job runs.',
  })
  @ApiAcceptedResponse({ type: JobStarted })
  @ApiNotFoundResponse({ description: 'DATASET_NOT_FOUND' })
  delete(
    @AskedSandbox() request: SandboxRequest,
    @Param('id') id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobStarted> {
    return this.#start(request, id, 'delete-dataset', reply);
  }

  async #start(request: SandboxRequest, id: string, kind: DatasetJobKind, reply: FastifyReply): Promise<JobStarted> {
    const { job, position } = await this.commands.execute(new RequestDatasetJob(request, id, kind));
    answerConsistency(reply, position);
    return { job };
  }
}
