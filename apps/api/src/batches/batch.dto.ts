import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsNumber, IsOptional, IsString, Max, Min } from 'class-validator';

import {
  BATCH_STATUSES,
  FILE_FORMATS,
  type Batch,
  type BatchStatus,
  type CodeCount,
  type FileFormat,
  type RejectedRow,
  type RowCounts,
} from '#batch';
import { toRfc3339, type ErrorCode, type FieldError } from '#core';

import { CURSOR_EXAMPLE, PageQuery } from '../common/page.js';

/** What may stand between two cells. */
export const DELIMITERS = { comma: ',', semicolon: ';', tab: '\t', pipe: '|' } as const;
export type DelimiterName = keyof typeof DELIMITERS;

export class ReceiveBatchQuery {
  @ApiPropertyOptional({ enum: FILE_FORMATS, description: 'By default what the content type says' })
  @IsOptional()
  @IsIn(FILE_FORMATS)
  readonly format?: FileFormat;

  @ApiPropertyOptional({ enum: Object.keys(DELIMITERS), default: 'comma', description: 'Of CSV: between two cells' })
  @IsOptional()
  @IsIn(Object.keys(DELIMITERS))
  readonly delimiter?: DelimiterName;

  @ApiPropertyOptional({ minimum: 0, maximum: 100, default: 5, description: 'More bad rows than that fail the batch' })
  @Type(() => Number)
  @IsNumber()
  @Min(0)
  @Max(100)
  readonly partialIngestionPercentage: number = 5;

  @ApiPropertyOptional({ enum: ['true', 'false'], description: 'Load the file though it was loaded before' })
  @IsOptional()
  @IsIn(['true', 'false'])
  readonly force?: 'true' | 'false';
}

export class ListBatchesQuery extends PageQuery {
  @ApiPropertyOptional({ description: 'Only batches of this dataset' })
  @IsOptional()
  @IsString()
  readonly dataset?: string;

  @ApiPropertyOptional({ enum: BATCH_STATUSES })
  @IsOptional()
  @IsIn(BATCH_STATUSES)
  readonly status?: BatchStatus;
}

export class ReceivedBatchAnswer {
  @ApiProperty({ example: '0d9c6f0e3b7d4c0f9b8a7c6d5e4f3a2b' })
  readonly id!: string;

  @ApiProperty({ enum: BATCH_STATUSES, example: 'received' })
  readonly status!: BatchStatus;

  @ApiPropertyOptional({
    description: 'The batch that loaded the same file for the same dataset before',
    example: '0d9c6f0e3b7d4c0f9b8a7c6d5e4f3a2b',
  })
  readonly duplicateOf?: string;
}

class RowCountsAnswer implements RowCounts {
  @ApiProperty({ example: 541_909 })
  readonly read!: number;

  @ApiProperty({ example: 541_000, description: 'In the log' })
  readonly accepted!: number;

  @ApiProperty({ example: 900 })
  readonly rejected!: number;

  @ApiProperty({ example: 9, description: 'There already' })
  readonly duplicates!: number;
}

class CodeCountAnswer implements CodeCount {
  @ApiProperty({ type: String, example: 'SCHEMA_VIOLATION' })
  readonly code!: ErrorCode;

  @ApiProperty({ example: 900 })
  readonly count!: number;
}

class FailureAnswer {
  @ApiProperty({ type: String, example: 'TOO_MANY_BAD_ROWS' })
  readonly code!: ErrorCode;

  @ApiProperty({ example: '60 of 1000 rows are bad, more than 5 per cent: no row was loaded.' })
  readonly message!: string;
}

export class BatchAnswer {
  @ApiProperty({ example: '0d9c6f0e3b7d4c0f9b8a7c6d5e4f3a2b' })
  readonly id!: string;

  @ApiProperty({ example: 'crm' })
  readonly dataset!: string;

  @ApiProperty({ enum: BATCH_STATUSES, example: 'success' })
  readonly status!: BatchStatus;

  @ApiProperty({ enum: FILE_FORMATS, example: 'csv' })
  readonly format!: FileFormat;

  @ApiProperty({ description: 'Of the file as it was sent' })
  readonly bytes!: number;

  @ApiProperty({ type: RowCountsAnswer })
  readonly rows!: RowCountsAnswer;

  @ApiProperty({ type: [CodeCountAnswer], description: 'Refused rows by code' })
  readonly errors!: readonly CodeCountAnswer[];

  @ApiProperty({ type: [CodeCountAnswer], description: 'Rows that were accepted with a warning, by code' })
  readonly warnings!: readonly CodeCountAnswer[];

  @ApiPropertyOptional({ type: FailureAnswer, description: 'Why the batch failed' })
  readonly failure?: FailureAnswer;

  @ApiProperty({ format: 'date-time' })
  readonly startedAt!: string;

  @ApiPropertyOptional({ format: 'date-time' })
  readonly endedAt?: string;

  @ApiPropertyOptional({
    description: 'The earlier batch of the same file, when it was loaded again',
    example: 'f3a2b0d9c6f0e3b7d4c0f9b8a7c6d5e4',
  })
  readonly duplicateOf?: string;
}

export class BatchPage {
  @ApiProperty({ type: [BatchAnswer] })
  readonly items!: readonly BatchAnswer[];

  @ApiPropertyOptional({ description: 'Cursor of the next page; absent on the last one', example: CURSOR_EXAMPLE })
  readonly next?: string;
}

class RowErrorAnswer implements FieldError {
  @ApiProperty({ example: 'order.priceTotal' })
  readonly path!: string;

  @ApiPropertyOptional({ example: 'type' })
  readonly keyword?: string;

  @ApiProperty({ example: 'must be number' })
  readonly message!: string;
}

class RejectedRowAnswer implements RejectedRow {
  @ApiProperty({ description: 'Counts the lines of the file from 1; of Parquet, the rows', example: 17 })
  readonly line!: number;

  @ApiProperty({ type: String, example: 'SCHEMA_VIOLATION' })
  readonly code!: ErrorCode;

  @ApiProperty({ type: [RowErrorAnswer], description: 'The first five' })
  readonly errors!: readonly RowErrorAnswer[];
}

export class RejectedRowPage {
  @ApiProperty({ type: [RejectedRowAnswer], description: 'Of the first 10,000' })
  readonly items!: readonly RejectedRowAnswer[];

  @ApiPropertyOptional({ description: 'Cursor of the next page; absent on the last one', example: CURSOR_EXAMPLE })
  readonly next?: string;
}

export function batchAnswer(batch: Batch): BatchAnswer {
  const { id, dataset, status, format, bytes, rows, errors, warnings, failure, startedAt, endedAt, duplicateOf } =
    batch;
  return {
    id,
    dataset,
    status,
    format,
    bytes,
    rows,
    errors,
    warnings,
    ...(failure !== undefined && { failure }),
    startedAt: toRfc3339(startedAt),
    ...(endedAt !== undefined && { endedAt: toRfc3339(endedAt) }),
    ...(duplicateOf !== undefined && { duplicateOf }),
  };
}
