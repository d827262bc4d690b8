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

  @ApiProperty({ format: 'date-time', description: 'First association: event time, or update time of a record' })
  readonly first!: string;

  @ApiProperty({ format: 'date-time', description: 'Last association' })
  readonly last!: string;

  @ApiProperty({ type: [String] })
  readonly datasets!: readonly string[];

  @ApiProperty({ enum: ['active'] })
  readonly state!: 'active';
}

export class ClusterAnswer {
  @ApiProperty()
  readonly profileId!: IdentityRef;

  @ApiProperty({ type: [ClusterIdentity], description: 'All identities of the cluster' })
  readonly identities!: readonly ClusterIdentity[];

  @ApiProperty({ type: [LinkAnswer], description: 'A page of the links between them' })
  readonly links!: readonly LinkAnswer[];

  @ApiPropertyOptional({ description: 'Cursor of the next page of links; absent on the last one' })
  readonly next?: string;
}
