import { Controller, Get, HttpCode, Param, Post, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import { TesseraError } from '#core';
import type { JobKind } from '#projection';

import { answerConsistency } from '../common/consistency.js';
import { JobStarted } from '../jobs/job.dto.js';
import { RequestJob } from '../jobs/request-job.handler.js';
import { ListProjections } from './list-projections.handler.js';
import { PROJECTION_NAMES } from './projection-names.js';
import { ProjectionAnswer, projectionAnswer } from './projection.dto.js';

@ApiTags('Operations')
@Controller('v1/projections')
export class ProjectionsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Every version of every projection, and how far it is' })
  @ApiOkResponse({ type: [ProjectionAnswer] })
  async list(): Promise<ProjectionAnswer[]> {
    const states = await this.queries.execute(new ListProjections());
    return states.map(projectionAnswer);
  }

  @Post(':name/rebuild')
  @HttpCode(202)
  @ApiOperation({ summary: 'Fold the log into a new version beside the live one, then switch' })
  @ApiAcceptedResponse({ type: JobStarted })
  rebuild(@Param('name') name: string, @Res({ passthrough: true }) reply: FastifyReply): Promise<JobStarted> {
    return this.#request('rebuild', name, reply);
  }

  @Post(':name/verify')
  @HttpCode(202)
  @ApiOperation({ summary: 'Compare the live version with a fresh fold of the log, document by document' })
  @ApiAcceptedResponse({ type: JobStarted })
  verify(@Param('name') name: string, @Res({ passthrough: true }) reply: FastifyReply): Promise<JobStarted> {
    return this.#request('verify', name, reply);
  }

  @Post(':name/replay-parked')
  @HttpCode(202)
  @ApiOperation({ summary: 'Try again what could not be folded' })
  @ApiAcceptedResponse({ type: JobStarted })
  replayParked(@Param('name') name: string, @Res({ passthrough: true }) reply: FastifyReply): Promise<JobStarted> {
    return this.#request('replay-parked', name, reply);
  }

  async #request(kind: JobKind, projection: string, reply: FastifyReply): Promise<JobStarted> {
    if (!PROJECTION_NAMES.includes(projection)) {
      throw new TesseraError('PROJECTION_NOT_FOUND', 'There is no projection of this name.');
    }
    const { job, position } = await this.commands.execute(new RequestJob(kind, projection));
    answerConsistency(reply, position);
    return { job };
  }
}
