import { Body, Controller, Get, Param, Put, Query, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiConflictResponse, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import { answerChange } from '../catalog/answer-change.js';
import type { SandboxRequest } from '../catalog/catalog-tail.js';
import { AskedSandbox } from '../catalog/asked-sandbox.decorator.js';
import { PageQuery } from '../common/page.js';
import { DefineNamespace } from './define-namespace.handler.js';
import { GetNamespace } from './get-namespace.handler.js';
import { ListNamespaces } from './list-namespaces.handler.js';
import { DefineNamespaceBody, NamespaceAnswer, NamespacePage } from './namespace.dto.js';

@ApiTags('Namespaces')
@Controller('v1/namespaces')
export class NamespacesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Put(':code')
  @ApiOperation({ summary: 'Define a namespace' })
  @ApiCreatedResponse({ type: NamespaceAnswer })
  @ApiOkResponse({ type: NamespaceAnswer, description: 'It is defined like this already' })
  @ApiConflictResponse({ description: 'NAMESPACE_DIFFERS: it is defined otherwise, and never changes' })
  async define(
    @AskedSandbox() request: SandboxRequest,
    @Param('code') code: string,
    @Body() body: DefineNamespaceBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<NamespaceAnswer> {
    const change = await this.commands.execute(new DefineNamespace(request, code, body));
    answerChange(reply, change);
    return this.queries.execute(new GetNamespace(request, code));
  }

  @Get()
  @ApiOperation({ summary: 'All namespaces by code, built-in ones included' })
  @ApiOkResponse({ type: NamespacePage })
  list(@AskedSandbox() request: SandboxRequest, @Query() page: PageQuery): Promise<NamespacePage> {
    return this.queries.execute(new ListNamespaces(request, page));
  }

  @Get(':code')
  @ApiOperation({ summary: 'One namespace' })
  @ApiOkResponse({ type: NamespaceAnswer })
  get(@AskedSandbox() request: SandboxRequest, @Param('code') code: string): Promise<NamespaceAnswer> {
    return this.queries.execute(new GetNamespace(request, code));
  }
}
