import { ApiProperty, ApiPropertyOptional, IntersectionType } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsIn, IsOptional, IsString, MinLength, ValidateNested } from 'class-validator';

import { PageQuery } from '../common/page.js';
import type { Order } from './timeline-page.js';

/** As `http.md` has it. */
const MAX_LOOKUPS = 1_000;

export class IdentityDto {
  @ApiProperty({ description: 'Code, in any case', example: 'CRMID' })
  @IsString()
  @MinLength(1)
  readonly namespace!: string;

  @ApiProperty({ example: '7' })
  @IsString()
  @MinLength(1)
  readonly id!: string;
}

const POLICY = { description: 'Id of the merge policy; the default one by default', example: 'default' };

export class ViewQuery {
  @ApiPropertyOptional(POLICY)
  @IsOptional()
  @IsString()
  readonly mergePolicy?: string;

  @ApiPropertyOptional({
    description: 'Dotted paths with commas between them; everything by default',
    example: 'name.first,tags',
  })
  @IsOptional()
  // A body may list them, too.
  @Transform(({ value }: { value: unknown }) => (Array.isArray(value) ? value.join(',') : value))
  @IsString()
  readonly fields?: string;

  @ApiPropertyOptional({
    format: 'date-time',
    description: 'Read computed attributes as of this moment; now by default',
  })
  @IsOptional()
  @IsString()
  readonly at?: string;
}

export class EventsQuery extends PageQuery {
  @ApiPropertyOptional({ ...POLICY, description: 'Id of the merge policy, which selects identities and datasets' })
  @IsOptional()
  @IsString()
  readonly mergePolicy?: string;

  @ApiPropertyOptional({ format: 'date-time', description: 'Event time from here on, inclusive' })
  @IsOptional()
  @IsString()
  readonly from?: string;

  @ApiPropertyOptional({ format: 'date-time', description: 'Event time up to here, exclusive' })
  @IsOptional()
  @IsString()
  readonly to?: string;

  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  readonly eventType?: string;

  @ApiPropertyOptional({ enum: ['asc', 'desc'], default: 'desc' })
  @IsIn(['asc', 'desc'])
  readonly order: Order = 'desc';
}

/** The same with the identity in the query: there it may also be `.` or `..`. */
export class ViewByIdentityQuery extends IntersectionType(IdentityDto, ViewQuery) {}
export class EventsByIdentityQuery extends IntersectionType(IdentityDto, EventsQuery) {}
export class LinksByIdentityQuery extends IntersectionType(IdentityDto, PageQuery) {}

export class LookupRequest extends ViewQuery {
  @ApiProperty({ type: [IdentityDto], maxItems: MAX_LOOKUPS })
  @IsArray()
  @ArrayMaxSize(MAX_LOOKUPS)
  @ValidateNested({ each: true })
  @Type(() => IdentityDto)
  readonly identities!: readonly IdentityDto[];
}
