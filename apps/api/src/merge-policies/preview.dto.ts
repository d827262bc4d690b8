import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsObject, IsOptional, ValidateNested } from 'class-validator';

import type { JsonValue } from '#core';
import type { AttributeDifference } from '#profile';

import { IdentityPair, PolicyVersion, ProfileContentAnswer } from '../profiles/profile-answers.dto.js';
import { IdentityDto } from '../profiles/profile.dto.js';
import { UnsavedMergePolicyBody } from './merge-policy.dto.js';

/** Somebody reads them. Each may have hundreds of fragments that are merged twice. */
export const MAX_PREVIEWED = 100;
export const DEFAULT_PREVIEWED = 5;

export class PreviewBody {
  @ApiProperty()
  @IsObject()
  @ValidateNested()
  @Type(() => UnsavedMergePolicyBody)
  readonly policy!: UnsavedMergePolicyBody;

  @ApiPropertyOptional({
    type: [IdentityDto],
    maxItems: MAX_PREVIEWED,
    description: `Whose profiles to show; left out: the first ${DEFAULT_PREVIEWED} that there are, in the order of their ids`,
  })
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_PREVIEWED)
  @ValidateNested({ each: true })
  @Type(() => IdentityDto)
  readonly identities?: readonly IdentityDto[];
}

export class DifferenceAnswer {
  @ApiProperty({ example: 'city' })
  readonly path!: string;

  @ApiProperty({ enum: ['added', 'removed', 'changed'], example: 'changed' })
  readonly change!: AttributeDifference['change'];

  @ApiPropertyOptional({ description: 'Under the default policy', example: 'Rome' })
  readonly before?: JsonValue;

  @ApiPropertyOptional({ description: 'Under the policy of the preview', example: 'Oslo' })
  readonly after?: JsonValue;
}

export class PreviewedProfile {
  @ApiProperty()
  readonly identity!: IdentityPair;

  @ApiProperty({ description: 'Whether it would have a profile' })
  readonly found!: boolean;

  @ApiPropertyOptional({ description: 'As it would be' })
  readonly profile?: ProfileContentAnswer;

  @ApiProperty({ type: [DifferenceAnswer], description: 'Leaf by leaf, to the view under the default policy' })
  readonly differences!: readonly DifferenceAnswer[];
}

export class PreviewAnswer {
  @ApiProperty({ description: 'The default policy, with which the profiles are compared' })
  readonly comparedWith!: PolicyVersion;

  @ApiProperty({ type: [PreviewedProfile] })
  readonly results!: readonly PreviewedProfile[];
}
