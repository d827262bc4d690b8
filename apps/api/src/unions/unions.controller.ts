import { Controller, Get, Param, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';

import { AskedSandbox } from '../catalog/asked-sandbox.decorator.js';
import type { SandboxRequest } from '../catalog/catalog-tail.js';
import { PageQuery } from '../common/page.js';
import { GetUnion } from './get-union.handler.js';
import { ListUnions } from './list-unions.handler.js';
import { UnionAnswer, UnionPage } from './union.dto.js';

@ApiTags('Unions')
@Controller('v1/unions')
export class UnionsController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @ApiOperation({
    summary: 'All classes, built-in ones and those of schemas, with the schemas that are united in each',
  })
  @ApiOkResponse({ type: UnionPage })
  list(@AskedSandbox() request: SandboxRequest, @Query() page: PageQuery): Promise<UnionPage> {
    return this.queries.execute(new ListUnions(request, page));
  }

  @Get(':class')
  @ApiOperation({ summary: 'Every path that the enabled schemas of a class declare, with its type and those schemas' })
  @ApiOkResponse({ type: UnionAnswer })
  @ApiNotFoundResponse({ description: 'CLASS_NOT_FOUND' })
  get(@AskedSandbox() request: SandboxRequest, @Param('class') schemaClass: string): Promise<UnionAnswer> {
    return this.queries.execute(new GetUnion(request, schemaClass));
  }
}
