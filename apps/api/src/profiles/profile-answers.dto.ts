import { ApiExtraModels, ApiProperty, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger';

import type { Identity, IdentityRef, JsonObject } from '#core';

import { ComputedValueAnswer, type ComputedValues } from '../computed-attributes/computed-value.dto.js';

const DATA = { type: 'object', additionalProperties: true } as const;

export class IdentityPair implements Identity {
  @ApiProperty({ description: 'Code as defined', example: 'CRMID' })
  readonly namespace!: string;

  @ApiProperty({ description: 'Normalised', example: '7' })
  readonly id!: string;
}

export class PolicyVersion {
  @ApiProperty({ example: 'default' })
  readonly id!: string;

  @ApiProperty({ example: 1 })
  readonly version!: number;
}

export class EventSummary {
  @ApiProperty()
  readonly count!: number;

  @ApiPropertyOptional({ format: 'date-time', description: 'The newest event time' })
  readonly last?: string;
}

@ApiExtraModels(ComputedValueAnswer)
export class ProfileContentAnswer {
  @ApiProperty({ description: 'Stays the same when profiles join, and comes back when they part' })
  readonly profileId!: IdentityRef;

  @ApiProperty(DATA)
  readonly attributes!: JsonObject;

  @ApiProperty({
    type: 'object',
    additionalProperties: { $ref: getSchemaPath(ComputedValueAnswer) },
    description: 'By name; of the published ones',
  })
  readonly computedAttributes!: ComputedValues;

  @ApiProperty({ type: [IdentityPair] })
  readonly identities!: readonly IdentityPair[];

  @ApiProperty({ type: [String], description: 'Datasets that show in it' })
  readonly sources!: readonly string[];

  @ApiProperty({ description: 'Record fragments and event fragments that show in it' })
  readonly fragments!: number;

  @ApiProperty()
  readonly events!: EventSummary;

  @ApiProperty({ format: 'date-time' })
  readonly lastModifiedAt!: string;
}

export class ProfileAnswer extends ProfileContentAnswer {
  @ApiProperty({ description: 'The one that was asked for; by profile id the first one of the profile' })
  readonly identity!: IdentityPair;

  @ApiProperty({ description: 'Under which it was merged' })
  readonly mergePolicy!: PolicyVersion;
}

export class ProfileSummary {
  @ApiProperty()
  readonly profileId!: IdentityRef;

  @ApiProperty({ type: [IdentityPair] })
  readonly identities!: readonly IdentityPair[];

  @ApiProperty({ format: 'date-time' })
  readonly lastModifiedAt!: string;
}

export class ProfilePage {
  @ApiProperty({ type: [ProfileSummary] })
  readonly items!: readonly ProfileSummary[];

  @ApiPropertyOptional({ description: 'Cursor of the next page; absent on the last one' })
  readonly next?: string;
}

export class LookupResult {
  @ApiProperty()
  readonly identity!: IdentityPair;

  @ApiProperty()
  readonly found!: boolean;

  @ApiPropertyOptional()
  readonly profile?: ProfileAnswer;
}

export class LookupAnswer {
  @ApiProperty({ type: [LookupResult], description: 'One per identity, in their order' })
  readonly results!: readonly LookupResult[];
}
