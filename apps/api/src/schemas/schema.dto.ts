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

import { BUILT_IN_CLASSES, type SchemaClass, type SchemaDocument } from '#catalog';
import type { JsonObject } from '#core';

import { CURSOR_EXAMPLE } from '../common/page.js';

/** An item has at most 20 identities. */
const MAX_IDENTITIES = 20;
/** Each is read again whenever the schema is: a bound on that work, far above what a schema of 1,000 paths needs. */
const MAX_FIELD_GROUPS = 50;

const CLASS_NAMES =
  `One of ${BUILT_IN_CLASSES.map((name) => `\`${name}\``).join(', ')}; or a record class of your own: ` +
  'a-z 0-9 - beginning with a letter';

/** The customers of the guides: items of the other examples fit it. */
const SCHEMA_EXAMPLE = {
  properties: {
    crmId: { type: 'string' },
    email: { type: 'string', format: 'email' },
    name: { type: 'object', properties: { first: { type: 'string' }, last: { type: 'string' } } },
    tags: { type: 'array', items: { type: 'string' } },
  },
  required: ['crmId'],
};

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

  @ApiProperty({ description: `${CLASS_NAMES}. Fixed for a schema in use`, example: 'profile' })
  @IsString()
  readonly class!: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'JSON Schema 2020-12; keys that it does not declare are refused in items',
    example: SCHEMA_EXAMPLE,
  })
  @IsObject()
  readonly schema!: JsonObject;

  @ApiPropertyOptional({
    type: [String],
    maxItems: MAX_FIELD_GROUPS,
    description: 'Ids of field groups whose properties items have too',
    example: ['contact'],
  })
  @IsArray()
  @ArrayMaxSize(MAX_FIELD_GROUPS)
  @IsString({ each: true })
  readonly fieldGroups: readonly string[] = [];

  @ApiPropertyOptional({
    type: [IdentityDescriptorDto],
    maxItems: MAX_IDENTITIES,
    description: 'At most one is primary',
    example: [
      { path: 'crmId', namespace: 'CRMID', primary: true },
      { path: 'email', namespace: 'Email' },
    ],
  })
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

export class SchemaAnswer implements SchemaDocument {
  @ApiProperty({ example: 'crm' })
  readonly id!: string;

  @ApiProperty({ description: 'Counts from 1' })
  readonly version!: number;

  @ApiProperty({ example: 'CRM customers' })
  readonly title!: string;

  @ApiProperty({ example: 'profile' })
  readonly class!: SchemaClass;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'Without what its field groups declare',
    example: SCHEMA_EXAMPLE,
  })
  readonly schema!: JsonObject;

  @ApiProperty({ type: [String], example: ['contact'] })
  readonly fieldGroups!: readonly string[];

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

  @ApiPropertyOptional({ description: 'Cursor of the next page; absent on the last one', example: CURSOR_EXAMPLE })
  readonly next?: string;
}
