import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

import type { IdentityRef } from '#core';

import { IdentityPair } from './profile-answers.dto.js';

export class ClusterIdentity extends IdentityPair {
  @ApiProperty({ example: 'CROSS_DEVICE' })
  readonly idType!: string;

  @ApiProperty({ format: 'date-time' })
  readonly firstSeen!: string;

  @ApiProperty({ format: 'date-time' })
  readonly lastSeen!: string;
}

export class LinkAnswer {
  @ApiProperty()
  readonly a!: IdentityPair;

  @ApiProperty()
  readonly b!: IdentityPair;

  @ApiPropertyOptional({
    format: 'date-time',
    description: 'First association: event time, or update time of a record; absent when it was blocked before any',
  })
  readonly first?: string;

  @ApiPropertyOptional({ format: 'date-time', description: 'Last association' })
  readonly last?: string;

  @ApiProperty({ type: [String] })
  readonly datasets!: readonly string[];

  @ApiProperty({
    enum: ['active', 'excluded', 'blocked', 'evicted'],
    description:
      'excluded: it would join two identities of a unique namespace; blocked: by hand, or a value that identifies nobody; ' +
      'evicted: too many newer links, or too many identities in one profile',
  })
  readonly state!: 'active' | 'excluded' | 'blocked' | 'evicted';

  @ApiPropertyOptional({
    description: 'Why it does not count',
    example: 'would join two identities of CRMID, which is unique',
  })
  readonly reason?: string;

  @ApiPropertyOptional({ description: 'Who blocked it' })
  readonly by?: string;
}

export class ClusterAnswer {
  @ApiProperty()
  readonly profileId!: IdentityRef;

  @ApiProperty({ type: [ClusterIdentity], description: 'All identities of the cluster' })
  readonly identities!: readonly ClusterIdentity[];

  @ApiProperty({ type: [LinkAnswer], description: 'A page of their links, those that do not count included' })
  readonly links!: readonly LinkAnswer[];

  @ApiPropertyOptional({ description: 'Cursor of the next page of links; absent on the last one' })
  readonly next?: string;
}
