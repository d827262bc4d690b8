import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsInt, Max, Min } from 'class-validator';

import { MAX_RANKED, QUANTILES, type Bin } from '#computed-attributes';

export class ValuesQuery {
  @ApiPropertyOptional({ enum: ['asc', 'desc'], default: 'desc' })
  @IsIn(['asc', 'desc'])
  readonly order: 'asc' | 'desc' = 'desc';

  @ApiPropertyOptional({ default: 100, minimum: 1, maximum: MAX_RANKED })
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(MAX_RANKED)
  readonly limit: number = 100;
}

class SurveyAnswer {
  @ApiProperty({ format: 'date-time', description: 'The moment as of which the values are; at most a minute ago' })
  readonly at!: string;

  @ApiProperty({ description: 'What had happened before the attribute was published was counted' })
  readonly complete!: boolean;
}

export class RankedProfile {
  @ApiProperty()
  readonly profileId!: string;

  @ApiProperty({ description: 'To the precision of a double' })
  readonly value!: number;
}

export class ValuesAnswer extends SurveyAnswer {
  @ApiProperty({ type: [RankedProfile] })
  readonly items!: readonly RankedProfile[];
}

export class BinAnswer implements Bin {
  @ApiProperty({ description: 'Inclusive' })
  readonly from!: number;

  @ApiProperty({ description: 'Exclusive, but in the last bin' })
  readonly to!: number;

  @ApiProperty()
  readonly count!: number;
}

export class DistributionAnswer extends SurveyAnswer {
  @ApiProperty({ description: 'Profiles that have a value' })
  readonly count!: number;

  @ApiPropertyOptional()
  readonly min?: number;

  @ApiPropertyOptional()
  readonly max?: number;

  @ApiPropertyOptional()
  readonly mean?: number;

  @ApiPropertyOptional({ type: Object, description: `${QUANTILES.join(', ')}; each within 1% of the value` })
  readonly quantiles?: Readonly<Record<string, number>>;

  @ApiProperty({ type: [BinAnswer], description: 'Values at the bounds of bins are told apart to 1%' })
  readonly histogram!: readonly BinAnswer[];
}
