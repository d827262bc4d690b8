import { Controller, Get, Param } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';

import { AskedSandbox } from '../catalog/asked-sandbox.decorator.js';
import type { SandboxRequest } from '../catalog/catalog-tail.js';
import { FragmentAnswer } from './fragment.dto.js';
import { GetFragment } from './get-fragment.handler.js';

@ApiTags('Ingest')
@Controller('v1/datasets/:dataset/fragments')
export class FragmentsController {
  constructor(private readonly queries: QueryBus) {}

  @Get(':namespace/:id')
  @ApiOperation({ summary: 'What a record dataset holds under one owner, and at which revision' })
  @ApiOkResponse({ type: FragmentAnswer })
  get(
    @AskedSandbox() view: SandboxRequest,
    @Param('dataset') dataset: string,
    @Param('namespace') namespace: string,
    @Param('id') id: string,
  ): Promise<FragmentAnswer> {
    return this.queries.execute(new GetFragment(view, dataset, { namespace, id }));
  }
}
