import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

import type { ProjectionState } from './projection-states.js';

export class ProjectionAnswer {
  @ApiProperty()
  readonly name!: string;

  @ApiProperty()
  readonly version!: number;

  @ApiProperty({ enum: ['live', 'building', 'retired'] })
  readonly state!: ProjectionState['state'];

  @ApiProperty({ description: 'Place in the log up to which everything is folded' })
  readonly position!: string;

  @ApiProperty({ description: 'How long the oldest event that is not folded has waited' })
  readonly lagSeconds!: number;

  @ApiProperty({ description: 'Streams that wait behind an event that cannot be folded' })
  readonly parked!: number;

  @ApiPropertyOptional({ description: 'While building: `ratio` of the log that is folded, 0 to 1', type: Object })
  readonly progress?: { readonly ratio: number };
}

export function projectionAnswer(sample: ProjectionState): ProjectionAnswer {
  const { projection, version, state, position, lagSeconds, parked, ratio } = sample;
  return {
    name: projection,
    version,
    state,
    position,
    lagSeconds,
    parked,
    ...(state === 'building' && { progress: { ratio } }),
  };
}
