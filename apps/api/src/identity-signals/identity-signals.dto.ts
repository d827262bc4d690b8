import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, Max, Min } from 'class-validator';

import type { IdentityRef } from '#core';

import { IdentityPair } from '../profiles/profile-answers.dto.js';

/** Whoever sees so many has a cause to look for, not a longer list to read. */
const MOST_LISTED = 100;
const IDENTITY = { namespace: 'Email', id: 'test@example.org' };

export class IdentitySignalsQuery {
  @ApiPropertyOptional({ minimum: 1, maximum: MOST_LISTED, default: MOST_LISTED, description: 'Of each list' })
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(MOST_LISTED)
  readonly limit: number = MOST_LISTED;
}

export class ClusterNearLimit {
  @ApiProperty({ example: '8a2be8b4fa0d5c0e5ef0f1e0c9d0a1b2' })
  readonly profileId!: IdentityRef;

  @ApiProperty({ type: IdentityPair, example: IDENTITY, description: 'The first one of the profile' })
  readonly identity!: IdentityPair;

  @ApiProperty({ example: 50, description: 'How many identities it has' })
  readonly size!: number;

  @ApiProperty({ description: 'Identities had to leave it, or it had to part, because it was over the limit' })
  readonly evicted!: boolean;
}

export class ClustersNearLimit {
  @ApiProperty({ example: 50, description: 'How many identities a profile has at most' })
  readonly limit!: number;

  @ApiProperty({ example: 1, description: 'Profiles with 80 % of the limit or more; 1,000 means that many or more' })
  readonly count!: number;

  @ApiProperty({ type: [ClusterNearLimit], description: 'Largest first' })
  readonly items!: readonly ClusterNearLimit[];
}

export class LinkedIdentity {
  @ApiProperty({ type: IdentityPair, example: IDENTITY })
  readonly identity!: IdentityPair;

  @ApiProperty({
    example: 1_000,
    description: 'How many others it came together with, those that do not count included',
  })
  readonly links!: number;
}

export class LinkedIdentities {
  @ApiProperty({ example: 1, description: 'Identities with more than 50 links; 1,000 means that many or more' })
  readonly count!: number;

  @ApiProperty({ type: [LinkedIdentity], description: 'Most links first' })
  readonly items!: readonly LinkedIdentity[];
}

export class RefusedCountAnswer {
  @ApiProperty({ example: 'Email' })
  readonly namespace!: string;

  @ApiProperty({ enum: ['IDENTITY_BLOCKED', 'IDENTITY_INVALID'] })
  readonly code!: string;

  @ApiProperty({ example: 12 })
  readonly count!: number;
}

export class RefusedValueAnswer {
  @ApiProperty({ example: 'Email' })
  readonly namespace!: string;

  @ApiProperty({ example: 'test@example.org', description: 'In lower case' })
  readonly value!: string;

  @ApiProperty({ example: 12 })
  readonly count!: number;
}

export class RefusedIdentitiesAnswer {
  @ApiProperty({ format: 'date-time', description: 'Start of the API process that answers: it counts from there' })
  readonly since!: string;

  @ApiProperty({ type: [RefusedCountAnswer], description: 'By namespace and reason, most first' })
  readonly counts!: readonly RefusedCountAnswer[];

  @ApiProperty({ type: [RefusedValueAnswer], description: 'Blocked values, most first' })
  readonly values!: readonly RefusedValueAnswer[];
}

export class IdentitySignalsAnswer {
  @ApiProperty({ type: ClustersNearLimit })
  readonly nearLimit!: ClustersNearLimit;

  @ApiProperty({ type: LinkedIdentities })
  readonly manyLinks!: LinkedIdentities;

  @ApiProperty({
    type: RefusedIdentitiesAnswer,
    description:
      'Identities of items that were not taken, counted by the API process that answers, since its start. Rows of a batch ' +
      'count when it is loaded, dry runs never.',
  })
  readonly refused!: RefusedIdentitiesAnswer;
}
