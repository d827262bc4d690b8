import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsOptional, IsString } from 'class-validator';

import { DATASET_ORDERINGS, type Dataset, type DatasetOrdering } from '#catalog';

import type { DatasetCounts } from './count-dataset.handler.js';

import { CURSOR_EXAMPLE } from '../common/page.js';

export class CreateDatasetBody {
  @ApiProperty({ description: 'Id of the schema of its items', example: 'crm' })
  @IsString()
  readonly schema!: string;

  @ApiPropertyOptional({ description: 'Take every record for an upsert', default: false })
  @IsOptional()
  @IsBoolean()
  readonly upsert?: boolean;

  @ApiPropertyOptional({
    enum: DATASET_ORDERINGS,
    description: 'What decides between items of one fragment: `source` goes by extSourceSystemAudit.lastUpdatedDate',
    default: 'arrival',
  })
  @IsOptional()
  @IsIn(DATASET_ORDERINGS)
  readonly ordering?: DatasetOrdering;
}

export class EnableDatasetBody {
  @ApiPropertyOptional({
    description: 'Also show what came in before, as if it had been enabled from the start',
    default: false,
    example: true,
  })
  @IsOptional()
  @IsBoolean()
  readonly backfill?: boolean;
}

export class DatasetAnswer implements Dataset {
  @ApiProperty({ example: 'crm' })
  readonly id!: string;

  @ApiProperty({ description: 'Id of the schema of its items', example: 'crm' })
  readonly schema!: string;

  @ApiProperty()
  readonly upsert!: boolean;

  @ApiProperty({ enum: DATASET_ORDERINGS })
  readonly ordering!: DatasetOrdering;

  @ApiProperty({ description: 'New items show in profiles' })
  readonly enabled!: boolean;

  @ApiProperty({ format: 'date-time' })
  readonly createdAt!: string;

  @ApiProperty({ format: 'date-time' })
  readonly updatedAt!: string;
}

export class DatasetCountsAnswer implements DatasetCounts {
  @ApiProperty({ description: 'Record fragments, shown or not: one for every owner with at least one record' })
  readonly recordFragments!: number;

  @ApiProperty({ description: 'Events that show' })
  readonly events!: number;

  @ApiProperty({ description: 'Items in the log without effect: their id had been applied with the same content' })
  readonly duplicates!: number;

  @ApiProperty({ description: 'Items in the log without effect: their id had been applied with other content' })
  readonly idsReused!: number;

  @ApiProperty({ description: 'Items in the log without effect: the fragment had a newer source time' })
  readonly stale!: number;

  @ApiProperty({ description: 'Patches in the log without effect: the fragment would have outgrown its limit' })
  readonly oversized!: number;

  @ApiProperty({
    description: 'Items that were refused, in requests and in batches that have ended; nothing of them is kept',
    example: 3,
  })
  readonly refused!: number;

  @ApiProperty({ type: 'object', additionalProperties: { type: 'integer' }, example: { SCHEMA_VIOLATION: 3 } })
  readonly refusedByCode!: DatasetCounts['refusedByCode'];
}

export class CountedDatasetAnswer extends DatasetAnswer {
  @ApiProperty({ type: DatasetCountsAnswer })
  readonly counts!: DatasetCountsAnswer;
}

export class DatasetPage {
  @ApiProperty({ type: [DatasetAnswer] })
  readonly items!: readonly DatasetAnswer[];

  @ApiPropertyOptional({ description: 'Cursor of the next page; absent on the last one', example: CURSOR_EXAMPLE })
  readonly next?: string;
}
