import { ApiProperty } from '@nestjs/swagger';

import type { JsonObject } from '#core';

import { IdentityPair } from '../profiles/profile-answers.dto.js';

export class FragmentAnswer {
  @ApiProperty({ example: 'crm' })
  readonly dataset!: string;

  @ApiProperty()
  readonly owner!: IdentityPair;

  @ApiProperty({ description: 'What `$ifRevision` refers to' })
  readonly revision!: number;

  @ApiProperty({ format: 'date-time' })
  readonly updatedAt!: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'All that the dataset holds, whether it shows in profiles or not',
    example: { crmId: '7', name: { first: 'Ona', last: 'Ray' } },
  })
  readonly attributes!: JsonObject;
}
