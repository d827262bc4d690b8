import { Body, Controller, Get, Param, Post, Put, Query, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import {
  ApiCreatedResponse,
  ApiNotFoundResponse,
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
import { GetSandbox } from './get-sandbox.handler.js';
import { ListSandboxes } from './list-sandboxes.handler.js';
import { PutSandbox } from './put-sandbox.handler.js';
import { ResetSandbox } from './reset-sandbox.handler.js';
import { PutSandboxBody, ResetSandboxBody, SandboxAnswer, sandboxAnswer, SandboxPage } from './sandbox.dto.js';

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

  @Post(':name/reset')
  @ApiOperation({
    summary: 'Empty a sandbox',
    description:
      'Its catalog, its items and its profiles are gone with the answer; built-in namespaces are there again. There is no ' +
      'way back. The log keeps what was there, under a name that nothing reaches any more.',
  })
  @ApiOkResponse({ type: SandboxAnswer })
  @ApiNotFoundResponse({ description: 'SANDBOX_NOT_FOUND' })
  @ApiUnprocessableEntityResponse({ description: 'CONFIRMATION_DIFFERS' })
  async reset(
    @Param('name') name: string,
    @Body() { confirm }: ResetSandboxBody,
    @AskedSandbox() request: SandboxRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SandboxAnswer> {
    answerChange(reply, await this.commands.execute(new ResetSandbox(request, name, confirm)));
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
