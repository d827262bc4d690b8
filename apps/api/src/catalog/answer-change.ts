import { HttpStatus } from '@nestjs/common';
import type { FastifyReply } from 'fastify';

import { answerConsistency } from '../common/consistency.js';
import type { Change } from './catalog-writer.js';

/** 204: the thing is gone, from the position at which the change is seen. */
export function answerDeletion(reply: FastifyReply, { position }: Change): void {
  void reply.status(HttpStatus.NO_CONTENT);
  answerConsistency(reply, position);
}

/** 201 for what was created, else 200; and the position at which the change is seen. */
export function answerChange(reply: FastifyReply, { created, position }: Change): void {
  void reply.status(created ? HttpStatus.CREATED : HttpStatus.OK);
  answerConsistency(reply, position);
}
