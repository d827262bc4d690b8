import { Controller, Delete, Get, Param, Put, Query, Res } from '@nestjs/common';
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
import { DefineFieldGroup } from './define-field-group.handler.js';
import { DeleteFieldGroup } from './delete-field-group.handler.js';
import { DefineFieldGroupBody, FieldGroupAnswer, FieldGroupPage } from './field-group.dto.js';
import { GetFieldGroup } from './get-field-group.handler.js';
import { ListFieldGroups } from './list-field-groups.handler.js';

@ApiTags('Field groups')
@Controller('v1/field-groups')
export class FieldGroupsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Put(':id')
  @ApiOperation({
    summary: 'Define properties that schemas share, or a new version of them',
    description:
      'A schema uses a group by naming it in its `fieldGroups`. Once one does, a new version may only add, and must fit ' +
      'every schema that uses it and the unions of those that are enabled.',
  })
  @ApiBody({ type: DefineFieldGroupBody })
  @ApiCreatedResponse({ type: FieldGroupAnswer })
  @ApiOkResponse({ type: FieldGroupAnswer, description: 'It was there; its version tells whether it changed' })
  @ApiConflictResponse({ description: 'FIELD_GROUP_INCOMPATIBLE, UNION_CONFLICT' })
  @ApiUnprocessableEntityResponse({ description: 'FIELD_GROUP_INVALID' })
  async define(
    @AskedSandbox() request: SandboxRequest,
    @Param('id') id: string,
    @UntouchedBody(new UntouchedMemberPipe(DefineFieldGroupBody, 'properties')) body: DefineFieldGroupBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<FieldGroupAnswer> {
    answerChange(reply, await this.commands.execute(new DefineFieldGroup(request, id, body)));
    return this.queries.execute(new GetFieldGroup(request, id));
  }

  @Delete(':id')
  @ApiOperation({ summary: 'Delete a field group that no schema uses' })
  @ApiNoContentResponse({ description: 'It is gone' })
  @ApiNotFoundResponse({ description: 'FIELD_GROUP_NOT_FOUND' })
  @ApiConflictResponse({ description: 'FIELD_GROUP_IN_USE: `schemas` has the ids of those that use it' })
  async delete(
    @AskedSandbox() request: SandboxRequest,
    @Param('id') id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    answerDeletion(reply, await this.commands.execute(new DeleteFieldGroup(request, id)));
  }

  @Get()
  @ApiOperation({ summary: 'All field groups by id' })
  @ApiOkResponse({ type: FieldGroupPage })
  list(@AskedSandbox() request: SandboxRequest, @Query() page: PageQuery): Promise<FieldGroupPage> {
    return this.queries.execute(new ListFieldGroups(request, page));
  }

  @Get(':id')
  @ApiOperation({ summary: 'One field group in its current version' })
  @ApiOkResponse({ type: FieldGroupAnswer })
  @ApiNotFoundResponse({ description: 'FIELD_GROUP_NOT_FOUND' })
  get(@AskedSandbox() request: SandboxRequest, @Param('id') id: string): Promise<FieldGroupAnswer> {
    return this.queries.execute(new GetFieldGroup(request, id));
  }
}
