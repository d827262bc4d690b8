import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsInt, IsOptional, IsString } from 'class-validator';

import type { IdentitySettings } from '#catalog';

/** Namespaces of a sandbox are a few hundred at most; the deciders say which of them may stand here. */
const MOST_CODES = 1_000;
const MOST_BLOCKED_VALUES = 1_000;

export class IdentitySettingsBody {
  @ApiPropertyOptional({
    description: 'Namespaces of which a person has one identity at most',
    type: [String],
    default: [],
    example: ['CRMID'],
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MOST_CODES)
  @IsString({ each: true })
  readonly unique?: readonly string[];

  @ApiPropertyOptional({
    description:
      'Namespaces, the best first: decides who owns an event, and which of two links of the same time counts',
    type: [String],
    default: [],
    example: ['CRMID', 'Email', 'ECID'],
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MOST_CODES)
  @IsString({ each: true })
  readonly priority?: readonly string[];

  @ApiPropertyOptional({ description: 'How many identities a profile has at most', default: 50, example: 50 })
  @IsOptional()
  @IsInt()
  readonly maxIdentities?: number;

  @ApiPropertyOptional({
    description: 'Values that identify nobody, beside those that never do, such as "null" or "guest"',
    type: [String],
    default: [],
    example: ['test@example.org'],
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MOST_BLOCKED_VALUES)
  @IsString({ each: true })
  readonly blockedValues?: readonly string[];
}

export class IdentitySettingsAnswer implements IdentitySettings {
  @ApiProperty({ type: [String], example: ['CRMID'] })
  readonly unique!: readonly string[];

  @ApiProperty({ type: [String], example: ['CRMID', 'Email', 'ECID'] })
  readonly priority!: readonly string[];

  @ApiProperty({ example: 50 })
  readonly maxIdentities!: number;

  @ApiProperty({ type: [String], example: ['test@example.org'] })
  readonly blockedValues!: readonly string[];

  @ApiProperty({ description: 'Goes up by every change; 0 as long as there was none', example: 3 })
  readonly version!: number;

  @ApiPropertyOptional({ format: 'date-time' })
  readonly updatedAt?: string;
}
