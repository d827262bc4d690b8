import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsObject, IsOptional, IsString, ValidateNested } from 'class-validator';

import {
  AGGREGATES,
  ATTRIBUTE_STATUSES,
  type Aggregate,
  type AttributeStatus,
  type Condition,
  type ElementFilter,
  type ValueType,
  type Window,
} from '#computed-attributes';
import type { JsonObject, JsonValue } from '#core';

import { IdentityPair } from '../profiles/profile-answers.dto.js';
import { IdentityDto } from '../profiles/profile.dto.js';

const ANY = { description: 'Of any type' } as const;

export class ComputedAttributeAnswer {
  @ApiProperty({ example: 'spend4w' })
  readonly name!: string;

  @ApiPropertyOptional({ example: 'Spend, last 4 weeks' })
  readonly title?: string;

  @ApiProperty({ enum: ATTRIBUTE_STATUSES })
  readonly status!: AttributeStatus;

  @ApiPropertyOptional({ description: 'As it was written, where it was written as an expression' })
  readonly expression?: string;

  @ApiProperty({ enum: AGGREGATES })
  readonly aggregate!: Aggregate;

  @ApiPropertyOptional({ example: 'productListItems[*].priceTotal' })
  readonly path?: string;

  @ApiPropertyOptional({ type: Object, description: 'A condition on the event' })
  readonly where?: Condition;

  @ApiPropertyOptional({ type: Object, description: 'Which elements of an array count' })
  readonly elements?: ElementFilter;

  @ApiPropertyOptional({ type: [String], description: 'Ids of the datasets whose events count; all by default' })
  readonly datasets?: readonly string[];

  @ApiPropertyOptional({ type: Object, description: 'Absent: the lifetime' })
  readonly window?: Window;

  @ApiPropertyOptional({ description: 'Of LIST: how many values' })
  readonly limit?: number;

  @ApiPropertyOptional({ description: 'Of its values; known once it is published', example: 'number' })
  readonly type?: ValueType;

  @ApiPropertyOptional({ description: 'The job that fills it in: see GET /v1/jobs/{id}' })
  readonly job?: string;

  @ApiProperty({ format: 'date-time' })
  readonly createdAt!: string;

  @ApiProperty({ format: 'date-time' })
  readonly updatedAt!: string;

  @ApiPropertyOptional({ format: 'date-time' })
  readonly publishedAt?: string;
}

export class ComputedAttributePage {
  @ApiProperty({ type: [ComputedAttributeAnswer] })
  readonly items!: readonly ComputedAttributeAnswer[];

  @ApiPropertyOptional({ description: 'Cursor of the next page; absent on the last one' })
  readonly next?: string;
}

/** Each of them is computed from all of its events. */
export const MAX_PREVIEWED = 100;
export const DEFAULT_PREVIEWED = 5;

export class PreviewAttributeBody {
  @ApiProperty({ type: Object, description: 'As it would be defined: either form' })
  @IsObject()
  readonly definition!: JsonObject;

  @ApiPropertyOptional({
    type: [IdentityDto],
    maxItems: MAX_PREVIEWED,
    description: `Of whose profiles; left out: the first ${DEFAULT_PREVIEWED} that there are`,
  })
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_PREVIEWED)
  @ValidateNested({ each: true })
  @Type(() => IdentityDto)
  readonly identities?: readonly IdentityDto[];

  @ApiPropertyOptional({ format: 'date-time', description: 'Read as of this moment; now by default' })
  @IsOptional()
  @IsString()
  readonly at?: string;
}

export class PreviewedValue {
  @ApiProperty()
  readonly identity!: IdentityPair;

  @ApiProperty()
  readonly found!: boolean;

  @ApiPropertyOptional({ ...ANY, description: 'As profiles would show it' })
  readonly value?: JsonValue;

  @ApiPropertyOptional({ format: 'date-time' })
  readonly at?: string;

  @ApiPropertyOptional()
  readonly exact?: false;
}

export class AttributePreviewAnswer {
  @ApiProperty({ type: Object, description: 'The structured form of what was asked for' })
  readonly definition!: object;

  @ApiProperty({ description: 'Of the values', example: 'number' })
  readonly type!: ValueType;

  @ApiProperty({ format: 'date-time', description: 'The moment as of which the values are read' })
  readonly at!: string;

  @ApiProperty({ type: [PreviewedValue] })
  readonly results!: readonly PreviewedValue[];
}
