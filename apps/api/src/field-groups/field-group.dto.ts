import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsObject, IsOptional, IsString, MaxLength } from 'class-validator';

import type { FieldGroup } from '#catalog';
import type { JsonObject } from '#core';

import { CURSOR_EXAMPLE } from '../common/page.js';

const CONTACT = { phone: { type: 'string' }, address: { type: 'object', properties: { city: { type: 'string' } } } };

export class DefineFieldGroupBody {
  @ApiPropertyOptional({ maxLength: 256, description: 'The id by default', example: 'Contact details' })
  @IsOptional()
  @IsString()
  @MaxLength(256)
  readonly title?: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'As the `properties` of a JSON Schema 2020-12, without references',
    example: CONTACT,
  })
  @IsObject()
  readonly properties!: JsonObject;
}

export class FieldGroupAnswer implements FieldGroup {
  @ApiProperty({ example: 'contact' })
  readonly id!: string;

  @ApiProperty({ description: 'Counts from 1' })
  readonly version!: number;

  @ApiProperty({ example: 'Contact details' })
  readonly title!: string;

  @ApiProperty({ type: 'object', additionalProperties: true, example: CONTACT })
  readonly properties!: JsonObject;

  @ApiProperty({ format: 'date-time' })
  readonly createdAt!: string;

  @ApiProperty({ format: 'date-time' })
  readonly updatedAt!: string;
}

export class FieldGroupPage {
  @ApiProperty({ type: [FieldGroupAnswer] })
  readonly items!: readonly FieldGroupAnswer[];

  @ApiPropertyOptional({ description: 'Cursor of the next page; absent on the last one', example: CURSOR_EXAMPLE })
  readonly next?: string;
}
