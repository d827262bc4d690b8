import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

import { toRfc3339, type JsonObject } from '#core';
import { JOB_KINDS, type Job, type JobKind, type JobProgress } from '#projection';

export class JobStarted {
  @ApiProperty({ description: 'See GET /v1/jobs/{id}', example: '4b1f0a52c9f34a53a2a7c64c7c2f7f0e' })
  readonly job!: string;
}

export class JobAnswer {
  @ApiProperty({ example: '4b1f0a52c9f34a53a2a7c64c7c2f7f0e' })
  readonly id!: string;

  @ApiProperty({ enum: JOB_KINDS })
  readonly kind!: JobKind;

  @ApiProperty({ description: 'Whose writer works on it', example: 'profile' })
  readonly projection!: string;

  @ApiPropertyOptional({ description: 'Id of the dataset, of jobs on one', example: 'crm' })
  readonly dataset?: string;

  @ApiProperty({ enum: ['requested', 'running', 'succeeded', 'failed'] })
  readonly state!: Job['state'];

  @ApiPropertyOptional({
    description: 'done, ratio (0 to 1), remainingSeconds, phase',
    type: Object,
    example: { done: 4_200, ratio: 0.42, remainingSeconds: 3 },
  })
  readonly progress?: JobProgress;

  @ApiProperty({ format: 'date-time' })
  readonly requestedAt!: string;

  @ApiPropertyOptional({ format: 'date-time' })
  readonly endedAt?: string;

  @ApiPropertyOptional({ description: 'What the job found or did', type: Object, example: { fragments: 10_000 } })
  readonly result?: JsonObject;

  @ApiPropertyOptional({
    description: 'Code and message',
    type: Object,
    example: { code: 'DATASET_NOT_FOUND', message: 'The dataset is no longer there.' },
  })
  readonly error?: NonNullable<Job['error']>;
}

/** What a job's target says beyond the dataset stays inside. */
export function jobAnswer({ requestedAt, endedAt, target, ...job }: Job): JobAnswer {
  return {
    ...job,
    ...(target !== undefined && 'dataset' in target && { dataset: target.dataset }),
    requestedAt: toRfc3339(requestedAt),
    ...(endedAt !== undefined && { endedAt: toRfc3339(endedAt) }),
  };
}
