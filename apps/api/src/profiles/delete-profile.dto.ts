import { ApiProperty, ApiPropertyOptional, IntersectionType } from '@nestjs/swagger';
import { IsIn } from 'class-validator';

import { DELETE_SCOPES, type DeletedProfile, type DeleteScope } from './delete-profile.handler.js';
import { IdentityDto } from './profile.dto.js';

export class DeleteQuery {
  @ApiPropertyOptional({
    enum: DELETE_SCOPES,
    default: 'identity',
    description: 'What the identity owns, or what any identity of its profile owns',
  })
  @IsIn(DELETE_SCOPES)
  readonly scope: DeleteScope = 'identity';
}

export class DeleteByIdentityQuery extends IntersectionType(IdentityDto, DeleteQuery) {}

export class DeleteAnswer implements Omit<DeletedProfile, 'position'> {
  @ApiProperty({ description: 'Fragments that were deleted', example: 2 })
  readonly fragments!: number;

  @ApiProperty({ description: 'Fragments of the same profile that are left', example: 1 })
  readonly remainingFragments!: number;
}
