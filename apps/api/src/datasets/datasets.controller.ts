import { Body, Controller, Get, Param, Post, Put, Query, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import {
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
import { PageQuery } from '../common/page.js';
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
  @ApiOperation({ summary: 'Show new items of a dataset in profiles' })
  @ApiOkResponse({ type: DatasetAnswer })
  @ApiConflictResponse({ description: 'SCHEMA_NOT_ENABLED' })
  @ApiUnprocessableEntityResponse({ description: 'NOT_SUPPORTED' })
  async enable(
    @AskedSandbox() request: SandboxRequest,
    @Param('id') id: string,
    @Body() body: EnableDatasetBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DatasetAnswer> {
    answerChange(reply, await this.commands.execute(new EnableDataset(request, id, body)));
    return this.queries.execute(new GetDataset(request, id));
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
