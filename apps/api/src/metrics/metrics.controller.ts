import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import type { Metrics } from '#observability';

import { METRICS } from '../common/ports.js';
import { ProjectionStates } from '../projections/projection-states.js';

@ApiExcludeController()
@Controller('metrics')
export class MetricsController {
  constructor(
    @Inject(METRICS) private readonly metrics: Metrics,
    private readonly states: ProjectionStates,
  ) {}

  @Get()
  async scrape(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    this.metrics.setProjections(await this.states.list());
    void reply.type(this.metrics.mediaType);
    return this.metrics.print();
  }
}
