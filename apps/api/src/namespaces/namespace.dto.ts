import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsOptional, IsString, MaxLength, MinLength } from 'class-validator';

import { ID_TYPES, type IdType, type Namespace } from '#catalog';

import { CURSOR_EXAMPLE } from '../common/page.js';

export class DefineNamespaceBody {
  @ApiProperty({ maxLength: 256, example: 'CRM id' })
  @IsString()
  @MinLength(1)
  @MaxLength(256)
  readonly name!: string;

  @ApiProperty({ enum: ID_TYPES, example: 'CROSS_DEVICE' })
  @IsIn(ID_TYPES)
  readonly idType!: IdType;

  @ApiPropertyOptional({ description: 'Whether values differ by case; by default only those of EMAIL do not' })
  @IsOptional()
  @IsBoolean()
  readonly caseSensitive?: boolean;
}

export class NamespaceAnswer implements Namespace {
  @ApiProperty({ example: 'CRMID' })
  readonly code!: string;

  @ApiProperty({ example: 'CRM id' })
  readonly name!: string;

  @ApiProperty({ enum: ID_TYPES, example: 'CROSS_DEVICE' })
  readonly idType!: IdType;

  @ApiProperty({ description: 'False: values are lower-cased' })
  readonly caseSensitive!: boolean;

  @ApiPropertyOptional({ description: 'Values are exactly this many decimal digits' })
  readonly digits?: number;

  @ApiProperty({ description: 'In every sandbox from the start' })
  readonly builtIn!: boolean;

  @ApiPropertyOptional({ format: 'date-time' })
  readonly createdAt?: string;
}

export class NamespacePage {
  @ApiProperty({ type: [NamespaceAnswer] })
  readonly items!: readonly NamespaceAnswer[];

  @ApiPropertyOptional({ description: 'Cursor of the next page; absent on the last one', example: CURSOR_EXAMPLE })
  readonly next?: string;
}
