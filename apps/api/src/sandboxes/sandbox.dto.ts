import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsString, MaxLength } from 'class-validator';

import type { Sandbox } from '#catalog';

import { CURSOR_EXAMPLE } from '../common/page.js';

export class PutSandboxBody {
  @ApiProperty({ maxLength: 256, example: 'Development' })
  @IsString()
  @MaxLength(256)
  readonly title!: string;
}

export class ResetSandboxBody {
  @ApiProperty({ description: 'The name of the sandbox once more', example: 'dev' })
  @IsString()
  readonly confirm!: string;
}

/** Its internal id stays inside. */
export class SandboxAnswer {
  @ApiProperty({ example: 'dev' })
  readonly name!: string;

  @ApiProperty({ example: 'Development' })
  readonly title!: string;

  @ApiProperty({ format: 'date-time' })
  readonly createdAt!: string;
}

export class SandboxPage {
  @ApiProperty({ type: [SandboxAnswer] })
  readonly items!: readonly SandboxAnswer[];

  @ApiPropertyOptional({ description: 'Cursor of the next page; absent on the last one', example: CURSOR_EXAMPLE })
  readonly next?: string;
}

export function sandboxAnswer({ name, title, createdAt }: Sandbox): SandboxAnswer {
  return { name, title, createdAt };
}
