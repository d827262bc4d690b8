import { Body, Controller, HttpCode, Post, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiConflictResponse, ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import { AskedSandbox } from '../catalog/asked-sandbox.decorator.js';
import type { SandboxRequest } from '../catalog/catalog-tail.js';
import { answerConsistency } from '../common/consistency.js';
import { JudgeLinkBody, LinkVerdictAnswer } from './identity-link.dto.js';
import { JudgeLink } from './judge-link.handler.js';

@ApiTags('Identities')
@Controller('v1/identity-links')
export class IdentityLinksController {
  constructor(private readonly commands: CommandBus) {}

  @Post('block')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Block a link: what it joined parts again',
    description:
      'Attributes, events and computed values are what they would have been without the link, now and for whatever comes ' +
      'in. It is kept, with who blocked it and why, and can be unblocked.',
  })
  @ApiOkResponse({ type: LinkVerdictAnswer })
  @ApiNotFoundResponse({ description: 'LINK_NOT_FOUND, NAMESPACE_NOT_FOUND' })
  block(
    @AskedSandbox() request: SandboxRequest,
    @Body() body: JudgeLinkBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<LinkVerdictAnswer> {
    return this.#judge(request, body, 'block', reply);
  }

  @Post('unblock')
  @HttpCode(200)
  @ApiOperation({ summary: 'Let a blocked link count again: what it joined joins again' })
  @ApiOkResponse({ type: LinkVerdictAnswer })
  @ApiConflictResponse({ description: 'LINK_NOT_BLOCKED' })
  unblock(
    @AskedSandbox() request: SandboxRequest,
    @Body() body: JudgeLinkBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<LinkVerdictAnswer> {
    return this.#judge(request, body, 'unblock', reply);
  }

  async #judge(
    request: SandboxRequest,
    { a, b, reason, by = 'api' }: JudgeLinkBody,
    verdict: 'block' | 'unblock',
    reply: FastifyReply,
  ): Promise<LinkVerdictAnswer> {
    const judged = await this.commands.execute(new JudgeLink(request, { a, b, reason, by }, verdict));
    answerConsistency(reply, judged.position);
    return { a: judged.a, b: judged.b, blocked: verdict === 'block' };
  }
}
