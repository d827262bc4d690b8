import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

import type { JsonValue } from '#core';

export class ComputedValueAnswer {
  @ApiPropertyOptional({
    description:
      'A number, or a text of digits where a double could not keep it; absent where there is none: the smallest of nothing',
  })
  readonly value?: JsonValue;

  @ApiPropertyOptional({ format: 'date-time', description: 'Of FIRST and MOST_RECENT: when the value happened' })
  readonly at?: string;

  @ApiPropertyOptional({ description: 'Of COUNT_DISTINCT: false when `value` is an estimate' })
  readonly exact?: false;

  @ApiProperty({ description: 'What had happened before the attribute was published is counted' })
  readonly complete!: boolean;

  @ApiPropertyOptional({
    format: 'date-time',
    description: 'Until it is complete: what came in from here on is counted',
  })
  readonly since?: string;
}

/** By name of the attribute. */
export type ComputedValues = Readonly<Record<string, ComputedValueAnswer>>;
