import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';

import type { ErrorCode, FieldError } from '#core';

import type { ItemResult, ResultsWanted } from './item-results.js';

export class IngestQuery {
  @ApiPropertyOptional({ enum: ['true', 'false'], description: 'Validate only: nothing is written' })
  @IsOptional()
  @IsIn(['true', 'false'])
  readonly dryRun?: 'true' | 'false';

  @ApiPropertyOptional({
    enum: ['notable', 'all'],
    description: 'Which items the results list; `all` also gives revisions',
  })
  @IsOptional()
  @IsIn(['notable', 'all'])
  readonly results?: ResultsWanted;
}

class ItemError implements FieldError {
  @ApiProperty({ description: 'Dotted path into the item', example: 'crmId' })
  readonly path!: string;

  @ApiPropertyOptional({ example: 'type' })
  readonly keyword?: string;

  @ApiProperty({ example: 'must be string' })
  readonly message!: string;
}

class ItemResultAnswer implements ItemResult {
  @ApiProperty({ description: 'Counts the items of the request from 0' })
  readonly index!: number;

  @ApiPropertyOptional({ description: 'Of NDJSON: counts all lines from 1' })
  readonly line?: number;

  @ApiProperty({ enum: ['accepted', 'rejected', 'duplicate'] })
  readonly status!: ItemResult['status'];

  @ApiPropertyOptional({
    type: String,
    description: 'Why it was refused, how it is a duplicate, or what it is warned of',
    example: 'SCHEMA_VIOLATION',
  })
  readonly code?: ErrorCode;

  @ApiPropertyOptional({ type: [ItemError], description: 'The first five' })
  readonly errors?: readonly ItemError[];

  @ApiPropertyOptional({ description: 'Of the fragment: after the item, or the actual one after REVISION_MISMATCH' })
  readonly revision?: number;
}

/** Accepted, duplicates and rejected together are the items of the request. */
export class IngestAnswer {
  @ApiProperty()
  readonly accepted!: number;

  @ApiProperty()
  readonly rejected!: number;

  @ApiProperty()
  readonly duplicates!: number;

  @ApiProperty({ type: [ItemResultAnswer], description: 'What a client must look at, at most 1,000; see `results`' })
  readonly results!: readonly ItemResultAnswer[];

  @ApiPropertyOptional({ description: 'There are more results than are listed' })
  readonly truncated?: boolean;
}
