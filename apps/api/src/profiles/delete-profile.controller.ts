import { Controller, Delete, HttpCode, Param, Query, Req, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiAcceptedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';

import type { Identity } from '#core';

import { AskedSandbox } from '../catalog/asked-sandbox.decorator.js';
import type { SandboxRequest } from '../catalog/catalog-tail.js';
import { answerConsistency } from '../common/consistency.js';
import { DeleteAnswer, DeleteByIdentityQuery, DeleteQuery } from './delete-profile.dto.js';
import { DeleteProfile, type DeleteScope } from './delete-profile.handler.js';
import { IdentityDto } from './profile.dto.js';

@ApiTags('Profiles')
@Controller('v1/profiles')
export class DeleteProfileController {
  constructor(private readonly commands: CommandBus) {}

  @Delete('by-identity')
  @HttpCode(202)
  @ApiOperation({ summary: 'Delete what an identity, or its whole profile, owns' })
  @ApiAcceptedResponse({ type: DeleteAnswer })
  deleteByIdentity(
    @AskedSandbox() sandbox: SandboxRequest,
    @Query() { namespace, id, scope }: DeleteByIdentityQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DeleteAnswer> {
    return this.#delete(sandbox, { namespace, id }, scope, request, reply);
  }

  @Delete(':namespace/:id')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Delete what an identity, or its whole profile, owns',
    description: 'Identities and their links stay; ids of items are free again; later data starts anew.',
  })
  @ApiAcceptedResponse({ type: DeleteAnswer })
  delete(
    @AskedSandbox() sandbox: SandboxRequest,
    @Param() identity: IdentityDto,
    @Query() { scope }: DeleteQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DeleteAnswer> {
    return this.#delete(sandbox, identity, scope, request, reply);
  }

  async #delete(
    sandbox: SandboxRequest,
    identity: Identity,
    scope: DeleteScope,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<DeleteAnswer> {
    const command = new DeleteProfile(sandbox, identity, scope, request.id);
    const { position, ...answer } = await this.commands.execute(command);
    answerConsistency(reply, position);
    return answer;
  }
}
