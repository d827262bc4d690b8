import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

export class HealthAnswer {
  @ApiProperty({ enum: ['live', 'ready', 'not-ready'] })
  readonly status!: 'live' | 'ready' | 'not-ready';

  @ApiPropertyOptional({ description: 'Why the service is not ready', type: [String] })
  readonly reasons?: readonly string[];
}
