import { Body, Controller, Get, Param, Put, Query, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import { answerChange } from '../catalog/answer-change.js';
import { AskedSandbox } from '../catalog/asked-sandbox.decorator.js';
import type { SandboxRequest } from '../catalog/catalog-tail.js';
import { PageQuery } from '../common/page.js';
import { GetSandbox } from './get-sandbox.handler.js';
import { ListSandboxes } from './list-sandboxes.handler.js';
import { PutSandbox } from './put-sandbox.handler.js';
import { PutSandboxBody, SandboxAnswer, sandboxAnswer, SandboxPage } from './sandbox.dto.js';

@ApiTags('Sandboxes')
@Controller('v1/sandboxes')
export class SandboxesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Put(':name')
  @ApiOperation({ summary: 'Create a sandbox, or change its title' })
  @ApiCreatedResponse({ type: SandboxAnswer })
  @ApiOkResponse({ type: SandboxAnswer, description: 'It was there' })
  async put(
    @Param('name') name: string,
    @Body() { title }: PutSandboxBody,
    @AskedSandbox() request: SandboxRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SandboxAnswer> {
    const change = await this.commands.execute(new PutSandbox(request, name, title));
    answerChange(reply, change);
    return sandboxAnswer(await this.queries.execute(new GetSandbox(request, name)));
  }

  @Get()
  @ApiOperation({ summary: 'All sandboxes by name' })
  @ApiOkResponse({ type: SandboxPage })
  async list(@AskedSandbox() request: SandboxRequest, @Query() page: PageQuery): Promise<SandboxPage> {
    const { items, ...more } = await this.queries.execute(new ListSandboxes(request, page));
    return { items: items.map(sandboxAnswer), ...more };
  }

  @Get(':name')
  @ApiOperation({ summary: 'One sandbox' })
  @ApiOkResponse({ type: SandboxAnswer })
  async get(@AskedSandbox() request: SandboxRequest, @Param('name') name: string): Promise<SandboxAnswer> {
    return sandboxAnswer(await this.queries.execute(new GetSandbox(request, name)));
  }
}
