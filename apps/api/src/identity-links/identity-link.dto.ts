import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsObject, IsOptional, IsString, MaxLength, MinLength, ValidateNested } from 'class-validator';

import { IdentityDto } from '../profiles/profile.dto.js';

const MOST_REASON_CHARACTERS = 1_000;

export class JudgeLinkBody {
  @ApiProperty({ type: IdentityDto, example: { namespace: 'CRMID', id: '7' } })
  @IsObject()
  @ValidateNested()
  @Type(() => IdentityDto)
  readonly a!: IdentityDto;

  @ApiProperty({ type: IdentityDto, example: { namespace: 'Email', id: 'ona@example.org' } })
  @IsObject()
  @ValidateNested()
  @Type(() => IdentityDto)
  readonly b!: IdentityDto;

  @ApiProperty({ description: 'Why; kept and shown with the link', example: 'the address is the family’s' })
  @IsString()
  @MinLength(1)
  @MaxLength(MOST_REASON_CHARACTERS)
  readonly reason!: string;

  @ApiPropertyOptional({
    description: 'Who says so; kept with the link',
    default: 'api',
    example: 'support@shop.example',
  })
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(256)
  readonly by?: string;
}

export class LinkVerdictAnswer {
  @ApiProperty({ type: IdentityDto, example: { namespace: 'CRMID', id: '7' } })
  readonly a!: IdentityDto;

  @ApiProperty({ type: IdentityDto, example: { namespace: 'Email', id: 'ona@example.org' } })
  readonly b!: IdentityDto;

  @ApiProperty()
  readonly blocked!: boolean;
}
