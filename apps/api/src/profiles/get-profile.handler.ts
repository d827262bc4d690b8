import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';

import type { Identity } from '#core';

import type { SandboxRequest } from '../catalog/catalog-tail.js';
import { mergedProfile } from './merged-profiles.js';
import { profileAnswer } from './profile-answer.js';
import type { ProfileAnswer } from './profile-answers.dto.js';
import { requestedFields, requestedPolicy } from './requested.js';
import { SandboxViews } from './sandbox-views.js';

/** What of a profile is wanted, and under which policy. */
export interface WantedView {
  readonly mergePolicy?: string | undefined;
  readonly fields?: string | undefined;
}

export class GetProfile extends Query<ProfileAnswer> {
  constructor(
    readonly view: SandboxRequest,
    readonly identity: Identity,
    readonly wanted: WantedView,
  ) {
    super();
  }
}

@QueryHandler(GetProfile)
export class GetProfileHandler implements IQueryHandler<GetProfile> {
  constructor(private readonly views: SandboxViews) {}

  async execute({ view: request, identity: asked, wanted }: GetProfile): Promise<ProfileAnswer> {
    const fields = requestedFields(wanted.fields);
    const view = await this.views.open(request);
    const { identity, ref } = view.identity(asked.namespace, asked.id);
    const policy = requestedPolicy(view.catalog, wanted.mergePolicy);
    return profileAnswer(await mergedProfile(view, ref, policy), policy, fields, identity);
  }
}
