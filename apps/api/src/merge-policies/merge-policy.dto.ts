import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsObject,
  IsOptional,
  IsString,
  MaxLength,
  MinLength,
  ValidateNested,
} from 'class-validator';

import {
  GRANULARITIES,
  IDENTITY_GRAPHS,
  MERGE_TYPES,
  type AttributeMerge,
  type Granularity,
  type IdentityGraph,
  type MergePolicy,
} from '#catalog';

/** Far more than anybody ranks by hand; it bounds what every read under the policy goes through. */
const MAX_ORDER = 1_000;
const ORDER = {
  description: 'Of `dataSetPrecedence`: ids of datasets, best first; others are left out, of records and events alike',
  example: ['loyalty', 'crm'],
};
const GRANULARITY = {
  enum: GRANULARITIES,
  default: 'fragment',
  description: 'Whose time decides: of the fragment as a whole, or of the value itself',
} as const;

export class AttributeMergeBody {
  @ApiProperty({ enum: MERGE_TYPES, example: 'dataSetPrecedence' })
  @IsIn(MERGE_TYPES)
  readonly type!: AttributeMerge['type'];

  @ApiPropertyOptional({ type: [String], ...ORDER })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_ORDER)
  @IsString({ each: true })
  readonly order?: readonly string[];

  @ApiPropertyOptional(GRANULARITY)
  @IsOptional()
  @IsIn(GRANULARITIES)
  readonly granularity?: Granularity;
}

/** A policy that is not kept, as a preview takes it. */
export class UnsavedMergePolicyBody {
  @ApiPropertyOptional({ maxLength: 256, description: 'The id by default', example: 'Loyalty first' })
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(256)
  readonly name?: string;

  @ApiPropertyOptional({ default: 'profile', example: 'profile' })
  @IsString()
  readonly class: string = 'profile';

  @ApiPropertyOptional({
    enum: IDENTITY_GRAPHS,
    default: 'pdg',
    description: '`none`: the identity that was asked for; `pdg`: all that the person graph joins with it',
  })
  @IsIn(IDENTITY_GRAPHS)
  readonly identityGraph: IdentityGraph = 'pdg';

  @ApiProperty()
  @IsObject()
  @ValidateNested()
  @Type(() => AttributeMergeBody)
  readonly attributeMerge!: AttributeMergeBody;
}

export class PutMergePolicyBody extends UnsavedMergePolicyBody {
  @ApiPropertyOptional({
    description: 'True makes it the default in place of the one that is; left out, it stays what it is',
    default: false,
  })
  @IsOptional()
  @IsBoolean()
  readonly default?: boolean;
}

export class AttributeMergeAnswer {
  @ApiProperty({ enum: MERGE_TYPES })
  readonly type!: AttributeMerge['type'];

  @ApiPropertyOptional({ type: [String], ...ORDER })
  readonly order?: readonly string[];

  @ApiProperty({ enum: GRANULARITIES })
  readonly granularity!: Granularity;
}

export class MergePolicyAnswer implements MergePolicy {
  @ApiProperty({ example: 'loyalty-first' })
  readonly id!: string;

  @ApiProperty({ description: 'Counts from 1' })
  readonly version!: number;

  @ApiProperty({ example: 'Loyalty first' })
  readonly name!: string;

  @ApiProperty({ example: 'profile' })
  readonly class!: string;

  @ApiProperty({ enum: IDENTITY_GRAPHS })
  readonly identityGraph!: IdentityGraph;

  @ApiProperty({ type: AttributeMergeAnswer })
  readonly attributeMerge!: AttributeMerge;

  @ApiProperty({ description: 'Meant where a request names no policy' })
  readonly default!: boolean;

  @ApiPropertyOptional({
    type: [String],
    description: 'Datasets of its order that were deleted since: it works without them',
  })
  readonly missingDatasets?: readonly string[];

  @ApiPropertyOptional({ format: 'date-time', description: 'Absent from the one that comes with the sandbox' })
  readonly createdAt?: string;

  @ApiPropertyOptional({ format: 'date-time' })
  readonly updatedAt?: string;
}

export class PutMergePolicyAnswer extends MergePolicyAnswer {
  @ApiPropertyOptional({ description: 'Brings the kept views up to date: see GET /v1/jobs/{id}; absent when they are' })
  readonly job?: string;
}

export class MergePolicyPage {
  @ApiProperty({ type: [MergePolicyAnswer] })
  readonly items!: readonly MergePolicyAnswer[];

  @ApiPropertyOptional({ description: 'Cursor of the next page; absent on the last one' })
  readonly next?: string;
}
