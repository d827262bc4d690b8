import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';

import { TesseraError } from '#core';

import type { SandboxRequest } from '../catalog/catalog-tail.js';
import { attributesOf } from '../computed-attributes/attribute-answers.js';
import type { WantedView } from './get-profile.handler.js';
import { mergedProfile } from './merged-profiles.js';
import { profileAnswer } from './profile-answer.js';
import type { ProfileAnswer } from './profile-answers.dto.js';
import { requestedAttributes, requestedFields, requestedPolicy } from './requested.js';
import { SandboxViews } from './sandbox-views.js';

/** 128 bits; anything else is no id that we gave out. */
const PROFILE_ID = /^[0-9a-f]{32}$/;

/** By profile id: any member's ref resolves to the present cluster of that identity. */
export class GetProfileById extends Query<ProfileAnswer> {
  constructor(
    readonly view: SandboxRequest,
    readonly profileId: string,
    readonly wanted: WantedView,
  ) {
    super();
  }
}

@QueryHandler(GetProfileById)
export class GetProfileByIdHandler implements IQueryHandler<GetProfileById> {
  constructor(private readonly views: SandboxViews) {}

  async execute({ view: request, profileId, wanted }: GetProfileById): Promise<ProfileAnswer> {
    const fields = requestedFields(wanted.fields);
    const view = await this.views.open(request);
    const policy = requestedPolicy(view.catalog, wanted.mergePolicy);
    if (!PROFILE_ID.test(profileId)) throw new TesseraError('PROFILE_NOT_FOUND', 'There is no profile with this id.');
    const wantedAttributes = requestedAttributes(wanted, view.now);
    const profile = await mergedProfile(view, profileId, policy);
    const [computed = {}] = await attributesOf(view, [profile], wantedAttributes);
    return profileAnswer(profile, policy, { fields, computed });
  }
}
