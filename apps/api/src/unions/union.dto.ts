import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

import { SHAPE_TYPES, type SchemaClass, type ShapeType, type Union, type UnionPath } from '#catalog';

import type { UnionSummary } from './list-unions.handler.js';

import { CURSOR_EXAMPLE } from '../common/page.js';

export class UnionPathAnswer implements UnionPath {
  @ApiProperty({
    description: '`[*]` stands for the elements of an array and the values of a map',
    example: 'name.first',
  })
  readonly path!: string;

  @ApiProperty({
    enum: SHAPE_TYPES,
    example: 'string',
    description: 'The keys of a `map` are data; those of an `object` are declared',
  })
  readonly type!: ShapeType;

  @ApiPropertyOptional({
    type: [String],
    description: 'Of a string; absent when no schema names one',
    example: ['email'],
  })
  readonly formats?: readonly string[];

  @ApiProperty({ type: [String], description: 'Ids of the schemas that contribute it', example: ['crm', 'loyalty'] })
  readonly schemas!: readonly string[];
}

export class UnionAnswer implements Union {
  @ApiProperty({ example: 'profile' })
  readonly class!: SchemaClass;

  @ApiProperty({ type: [String], description: 'Ids of the enabled schemas', example: ['crm', 'loyalty'] })
  readonly schemas!: readonly string[];

  @ApiProperty({ type: [UnionPathAnswer], description: 'In order; those that the class brings are among them' })
  readonly paths!: readonly UnionPathAnswer[];
}

export class UnionSummaryAnswer implements UnionSummary {
  @ApiProperty({ example: 'profile' })
  readonly class!: SchemaClass;

  @ApiProperty({ type: [String], description: 'Ids of the enabled schemas', example: ['crm', 'loyalty'] })
  readonly schemas!: readonly string[];

  @ApiProperty({ example: 42 })
  readonly pathCount!: number;
}

export class UnionPage {
  @ApiProperty({ type: [UnionSummaryAnswer] })
  readonly items!: readonly UnionSummaryAnswer[];

  @ApiPropertyOptional({ description: 'Cursor of the next page; absent on the last one', example: CURSOR_EXAMPLE })
  readonly next?: string;
}
