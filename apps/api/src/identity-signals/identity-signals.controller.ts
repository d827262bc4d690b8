import { Controller, Get, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';

import { AskedSandbox } from '../catalog/asked-sandbox.decorator.js';
import type { SandboxRequest } from '../catalog/catalog-tail.js';
import { GetIdentitySignals } from './get-identity-signals.handler.js';
import { IdentitySignalsAnswer, IdentitySignalsQuery } from './identity-signals.dto.js';

@ApiTags('Identities')
@Controller('v1/identity-signals')
export class IdentitySignalsController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @ApiOperation({
    summary: 'What may be gluing people together',
    description:
      'Profiles at or near the limit of identities, identities with unusually many links, and values that were refused: ' +
      'a test address or a leaking device is found here before it does harm. Block its value in the identity settings, or ' +
      'its links one by one.',
  })
  @ApiOkResponse({ type: IdentitySignalsAnswer })
  get(
    @AskedSandbox() request: SandboxRequest,
    @Query() { limit }: IdentitySignalsQuery,
  ): Promise<IdentitySignalsAnswer> {
    return this.queries.execute(new GetIdentitySignals(request, limit));
  }
}
