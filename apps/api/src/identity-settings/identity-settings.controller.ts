import { Body, Controller, Get, HttpStatus, Put, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import { AskedSandbox } from '../catalog/asked-sandbox.decorator.js';
import type { SandboxRequest } from '../catalog/catalog-tail.js';
import { answerConsistency } from '../common/consistency.js';
import { JobStarted } from '../jobs/job.dto.js';
import { ChangeIdentitySettings } from './change-identity-settings.handler.js';
import { GetIdentitySettings } from './get-identity-settings.handler.js';
import { IdentitySettingsAnswer, IdentitySettingsBody } from './identity-settings.dto.js';

@ApiTags('Identities')
@Controller('v1/identity-settings')
export class IdentitySettingsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get()
  @ApiOperation({ summary: 'How identities of this sandbox are joined' })
  @ApiOkResponse({ type: IdentitySettingsAnswer })
  get(@AskedSandbox() request: SandboxRequest): Promise<IdentitySettingsAnswer> {
    return this.queries.execute(new GetIdentitySettings(request));
  }

  @Put()
  @ApiOperation({
    summary: 'Change how identities of this sandbox are joined',
    description:
      'The whole settings: what is left out takes its default. Holds for every item from now on; a job evaluates the ' +
      'profiles that are there. Until it has come to a profile, that profile is what it was. Nothing is lost: other ' +
      'settings make of the same links what they say.',
  })
  @ApiAcceptedResponse({ type: JobStarted })
  @ApiOkResponse({ type: IdentitySettingsAnswer, description: 'They are like this already' })
  async change(
    @AskedSandbox() request: SandboxRequest,
    @Body() body: IdentitySettingsBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobStarted | IdentitySettingsAnswer> {
    const { job, position } = await this.commands.execute(new ChangeIdentitySettings(request, body));
    answerConsistency(reply, position);
    if (job === undefined) return this.queries.execute(new GetIdentitySettings(request));
    void reply.status(HttpStatus.ACCEPTED);
    return { job };
  }
}
