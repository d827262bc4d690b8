import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, Min } from 'class-validator';

/** What one looks like; nobody reads it but the list that gave it out. */
export const CURSOR_EXAMPLE = 'WyJjcm0iXQ';

/** As `http.md` has it. */
const MAX_PAGE = 1_000;

/** A page of a list; without `next` it is the last one. */
export interface Page<T> {
  readonly items: readonly T[];
  /** The `cursor` of the page behind it. */
  readonly next?: string;
}

export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** What every list takes. */
export class PageQuery implements PageRequest {
  @ApiPropertyOptional({ minimum: 1, maximum: MAX_PAGE, default: 100 })
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(MAX_PAGE)
  readonly limit: number = 100;

  @ApiPropertyOptional({ description: '`next` of the page before' })
  @IsOptional()
  @IsString()
  readonly cursor?: string;
}
