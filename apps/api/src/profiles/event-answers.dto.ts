import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

import type { JsonObject } from '#core';

import { IdentityPair } from './profile-answers.dto.js';

export class EventAnswer {
  @ApiProperty({ description: 'Its `_id`' })
  readonly id!: string;

  @ApiProperty()
  readonly dataset!: string;

  @ApiProperty({ description: 'The owner' })
  readonly identity!: IdentityPair;

  @ApiProperty({ format: 'date-time' })
  readonly timestamp!: string;

  @ApiPropertyOptional()
  readonly eventType?: string;

  @ApiProperty({ type: 'object', additionalProperties: true, description: 'The event as it came' })
  readonly data!: JsonObject;
}

export class EventPage {
  @ApiProperty({ type: [EventAnswer] })
  readonly items!: readonly EventAnswer[];

  @ApiPropertyOptional({ description: 'Cursor of the next page; absent on the last one' })
  readonly next?: string;
}
