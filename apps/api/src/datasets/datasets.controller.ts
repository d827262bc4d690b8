import { Body, Controller, Get, HttpStatus, Param, Post, Put, Query, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import {
  ApiAcceptedResponse,
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import { answerChange } from '../catalog/answer-change.js';
import { AskedSandbox } from '../catalog/asked-sandbox.decorator.js';
import type { SandboxRequest } from '../catalog/catalog-tail.js';
import { answerConsistency } from '../common/consistency.js';
import { PageQuery } from '../common/page.js';
import { RequestDatasetJob } from '../dataset-jobs/request-dataset-job.handler.js';
import { JobStarted } from '../jobs/job.dto.js';
import { CountDataset } from './count-dataset.handler.js';
import { CreateDataset } from './create-dataset.handler.js';
import {
  CountedDatasetAnswer,
  CreateDatasetBody,
  DatasetAnswer,
  DatasetPage,
  EnableDatasetBody,
} from './dataset.dto.js';
import { DisableDataset } from './disable-dataset.handler.js';
import { EnableDataset } from './enable-dataset.handler.js';
import { GetDataset } from './get-dataset.handler.js';
import { ListDatasets } from './list-datasets.handler.js';

@ApiTags('Datasets')
@Controller('v1/datasets')
export class DatasetsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Put(':id')
  @ApiOperation({ summary: 'Create a dataset' })
  @ApiCreatedResponse({ type: DatasetAnswer })
  @ApiOkResponse({ type: DatasetAnswer, description: 'It is there like this already' })
  @ApiConflictResponse({ description: 'DATASET_DIFFERS' })
  @ApiUnprocessableEntityResponse({ description: 'NOT_SUPPORTED' })
  async create(
    @AskedSandbox() request: SandboxRequest,
    @Param('id') id: string,
    @Body() body: CreateDatasetBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DatasetAnswer> {
    answerChange(reply, await this.commands.execute(new CreateDataset(request, id, body)));
    return this.queries.execute(new GetDataset(request, id));
  }

  @Post(':id/enable')
  @ApiOperation({
    summary: 'Show new items of a dataset in profiles',
    description:
      'With `backfill` also those that came in before, which a job shows one by one. It ends what it began when the ' +
      'dataset is disabled meanwhile: what came in before the request shows then.',
  })
  @ApiOkResponse({ type: DatasetAnswer })
  @ApiAcceptedResponse({ type: JobStarted, description: 'With `backfill`: it is enabled, and the job has begun' })
  @ApiConflictResponse({ description: 'SCHEMA_NOT_ENABLED' })
  async enable(
    @AskedSandbox() request: SandboxRequest,
    @Param('id') id: string,
    @Body() { backfill = false }: EnableDatasetBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DatasetAnswer | JobStarted> {
    answerChange(reply, await this.commands.execute(new EnableDataset(request, id)));
    if (!backfill) return this.queries.execute(new GetDataset(request, id));
    const { job, position } = await this.commands.execute(new RequestDatasetJob(request, id, 'backfill-dataset'));
    void reply.status(HttpStatus.ACCEPTED);
    answerConsistency(reply, position);
    return { job };
  }

  @Post(':id/disable')
  @ApiOperation({ summary: 'Show no new items of a dataset; those that show stay' })
  @ApiOkResponse({ type: DatasetAnswer })
  async disable(
    @AskedSandbox() request: SandboxRequest,
    @Param('id') id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DatasetAnswer> {
    answerChange(reply, await this.commands.execute(new DisableDataset(request, id)));
    return this.queries.execute(new GetDataset(request, id));
  }

  @Get()
  @ApiOperation({ summary: 'All datasets by id' })
  @ApiOkResponse({ type: DatasetPage })
  list(@AskedSandbox() request: SandboxRequest, @Query() page: PageQuery): Promise<DatasetPage> {
    return this.queries.execute(new ListDatasets(request, page));
  }

  @Get(':id')
  @ApiOperation({ summary: 'One dataset, with counts of what it holds' })
  @ApiOkResponse({ type: CountedDatasetAnswer })
  async get(@AskedSandbox() request: SandboxRequest, @Param('id') id: string): Promise<CountedDatasetAnswer> {
    const dataset = await this.queries.execute(new GetDataset(request, id));
    return { ...dataset, counts: await this.queries.execute(new CountDataset(request, id)) };
  }
}
