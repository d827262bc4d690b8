import { Controller, Delete, Get, Param, Post, Put, Query, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import {
  ApiBody,
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import { answerChange, answerDeletion } from '../catalog/answer-change.js';
import { AskedSandbox } from '../catalog/asked-sandbox.decorator.js';
import type { SandboxRequest } from '../catalog/catalog-tail.js';
import { UntouchedBody, UntouchedMemberPipe } from '../catalog/untouched-member.pipe.js';
import { PageQuery } from '../common/page.js';
import { DefineSchema } from './define-schema.handler.js';
import { DeleteSchema } from './delete-schema.handler.js';
import { EnableSchema } from './enable-schema.handler.js';
import { GetSchema } from './get-schema.handler.js';
import { ListSchemas } from './list-schemas.handler.js';
import { DefineSchemaBody, SchemaAnswer, SchemaPage } from './schema.dto.js';

@ApiTags('Schemas')
@Controller('v1/schemas')
export class SchemasController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Put(':id')
  @ApiOperation({
    summary: 'Define a schema, or a new version of it',
    description: 'Once a dataset names the schema, a new version may only add; every refusal names path and reason.',
  })
  @ApiBody({ type: DefineSchemaBody })
  @ApiCreatedResponse({ type: SchemaAnswer })
  @ApiOkResponse({ type: SchemaAnswer, description: 'It was there; its version tells whether it changed' })
  @ApiConflictResponse({ description: 'SCHEMA_INCOMPATIBLE, UNION_CONFLICT' })
  @ApiUnprocessableEntityResponse({ description: 'SCHEMA_INVALID, NO_PRIMARY_IDENTITY' })
  async define(
    @AskedSandbox() request: SandboxRequest,
    @Param('id') id: string,
    @UntouchedBody(new UntouchedMemberPipe(DefineSchemaBody, 'schema')) body: DefineSchemaBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SchemaAnswer> {
    const change = await this.commands.execute(new DefineSchema(request, id, body));
    answerChange(reply, change);
    return this.queries.execute(new GetSchema(request, id));
  }

  @Post(':id/enable')
  @ApiOperation({ summary: 'Make a schema part of the union of its class' })
  @ApiOkResponse({ type: SchemaAnswer })
  @ApiConflictResponse({ description: 'UNION_CONFLICT' })
  @ApiUnprocessableEntityResponse({ description: 'NO_PRIMARY_IDENTITY' })
  async enable(
    @AskedSandbox() request: SandboxRequest,
    @Param('id') id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SchemaAnswer> {
    const change = await this.commands.execute(new EnableSchema(request, id));
    answerChange(reply, change);
    return this.queries.execute(new GetSchema(request, id));
  }

  @Delete(':id')
  @ApiOperation({ summary: 'Delete a schema that no dataset names' })
  @ApiNoContentResponse({ description: 'It is gone, and out of the union of its class' })
  @ApiNotFoundResponse({ description: 'SCHEMA_NOT_FOUND' })
  @ApiConflictResponse({ description: 'SCHEMA_IN_USE: `datasets` has the ids of those that name it' })
  async delete(
    @AskedSandbox() request: SandboxRequest,
    @Param('id') id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    answerDeletion(reply, await this.commands.execute(new DeleteSchema(request, id)));
  }

  @Get()
  @ApiOperation({ summary: 'All schemas by id' })
  @ApiOkResponse({ type: SchemaPage })
  list(@AskedSandbox() request: SandboxRequest, @Query() page: PageQuery): Promise<SchemaPage> {
    return this.queries.execute(new ListSchemas(request, page));
  }

  @Get(':id')
  @ApiOperation({ summary: 'One schema in its current version' })
  @ApiOkResponse({ type: SchemaAnswer })
  get(@AskedSandbox() request: SandboxRequest, @Param('id') id: string): Promise<SchemaAnswer> {
    return this.queries.execute(new GetSchema(request, id));
  }
}
