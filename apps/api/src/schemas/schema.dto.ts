import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsObject,
  IsOptional,
  IsString,
  MaxLength,
  ValidateNested,
} from 'class-validator';

import { SCHEMA_CLASSES, type Schema, type SchemaClass } from '#catalog';
import type { JsonObject } from '#core';

/** An item has at most 20 identities. */
const MAX_IDENTITIES = 20;

export class IdentityDescriptorDto {
  @ApiProperty({ description: 'Path of a string, through objects', example: 'person.email' })
  @IsString()
  readonly path!: string;

  @ApiProperty({ description: 'Code of a namespace', example: 'Email' })
  @IsString()
  readonly namespace!: string;

  @ApiProperty({ description: 'The identity that owns the item; at most one', default: false })
  @IsBoolean()
  readonly primary: boolean = false;
}

export class DefineSchemaBody {
  @ApiProperty({ maxLength: 256, example: 'CRM customers' })
  @IsString()
  @MaxLength(256)
  readonly title!: string;

  @ApiProperty({ enum: SCHEMA_CLASSES, description: 'Fixed for a schema in use' })
  @IsString()
  readonly class!: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'JSON Schema 2020-12; keys that it does not declare are refused in items',
    example: { properties: { crmId: { type: 'string' } }, required: ['crmId'] },
  })
  @IsObject()
  readonly schema!: JsonObject;

  @ApiPropertyOptional({ type: [IdentityDescriptorDto] })
  @IsArray()
  @ArrayMaxSize(MAX_IDENTITIES)
  @ValidateNested({ each: true })
  @Type(() => IdentityDescriptorDto)
  readonly identities: readonly IdentityDescriptorDto[] = [];

  @ApiPropertyOptional({ description: 'The primary identity comes in the identityMap of the items', default: false })
  @IsOptional()
  @IsBoolean()
  readonly identityMap: boolean = false;
}

export class SchemaAnswer implements Schema {
  @ApiProperty({ example: 'crm' })
  readonly id!: string;

  @ApiProperty({ description: 'Counts from 1' })
  readonly version!: number;

  @ApiProperty()
  readonly title!: string;

  @ApiProperty({ enum: SCHEMA_CLASSES })
  readonly class!: SchemaClass;

  @ApiProperty({ type: 'object', additionalProperties: true })
  readonly schema!: JsonObject;

  @ApiProperty({ type: [IdentityDescriptorDto] })
  readonly identities!: readonly IdentityDescriptorDto[];

  @ApiProperty()
  readonly identityMap!: boolean;

  @ApiProperty({ description: 'Part of the union of its class' })
  readonly enabled!: boolean;

  @ApiProperty({ format: 'date-time' })
  readonly createdAt!: string;

  @ApiProperty({ format: 'date-time' })
  readonly updatedAt!: string;
}

export class SchemaPage {
  @ApiProperty({ type: [SchemaAnswer] })
  readonly items!: readonly SchemaAnswer[];

  @ApiPropertyOptional({ description: 'Cursor of the next page; absent on the last one' })
  readonly next?: string;
}
