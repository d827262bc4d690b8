import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

import type { IdentityRef, JsonValue, Position } from '#core';
import { LINEAGE_RULES, type LineageRule } from '#profile';

import { IdentityPair, PolicyVersion } from './profile-answers.dto.js';

const ANY_VALUE = { description: 'Any JSON', type: 'object', additionalProperties: true } as const;

/** A value and the fragment that has it. */
export class LineageSource {
  @ApiProperty({ ...ANY_VALUE, example: 'Oslo' })
  readonly value!: JsonValue;

  @ApiProperty({ example: 'loyalty' })
  readonly dataset!: string;

  @ApiProperty({ description: 'The owner of the fragment' })
  readonly identity!: IdentityPair;

  @ApiProperty({ format: 'date-time', description: 'Update time of the event that gave the fragment this value' })
  readonly at!: string;

  @ApiProperty({ description: 'Position of that event in the log', example: '000000000000002a' })
  readonly position!: Position;

  @ApiProperty({ format: 'date-time', description: 'Update time of the fragment: what decides between fragments' })
  readonly fragmentUpdatedAt!: string;
}

export class LineageLoser extends LineageSource {
  @ApiProperty({ enum: LINEAGE_RULES, description: 'Why it lost', example: 'newestUpdate' })
  readonly rule!: LineageRule;

  @ApiPropertyOptional({
    description: 'Where it stood, when that was further up: a scalar that lost against an object',
  })
  readonly path?: string;
}

export class LineageLeafAnswer extends LineageSource {
  @ApiProperty({ example: 'city' })
  readonly path!: string;

  @ApiProperty({
    enum: LINEAGE_RULES,
    description:
      'What decided. `only`: no other fragment has it; `dataSetPrecedence`: the order of the datasets; `newestUpdate`: ' +
      'its fragment was updated last; `newestChange`: the value itself changed last; `logPosition`: equal times, the ' +
      'later one in the log; `union`: it stands beside others; `newestQualification`: of a segment',
    example: 'dataSetPrecedence',
  })
  readonly rule!: LineageRule;

  @ApiProperty({ type: [LineageLoser], description: 'Best first' })
  readonly losers!: readonly LineageLoser[];
}

export class LineageAnswer {
  @ApiProperty({ description: 'The one that was asked for' })
  readonly identity!: IdentityPair;

  @ApiProperty()
  readonly profileId!: IdentityRef;

  @ApiProperty()
  readonly mergePolicy!: PolicyVersion;

  @ApiProperty({ type: [LineageLeafAnswer], description: 'Every leaf of the merged attributes' })
  readonly leaves!: readonly LineageLeafAnswer[];
}
