import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';

import type { Identity } from '#core';

import type { SandboxRequest } from '../catalog/catalog-tail.js';
import { attributesOf } from '../computed-attributes/attribute-answers.js';
import { mergedProfile } from './merged-profiles.js';
import { profileAnswer } from './profile-answer.js';
import type { ProfileAnswer } from './profile-answers.dto.js';
import { requestedAttributes, requestedFields, requestedPolicy } from './requested.js';
import { SandboxViews } from './sandbox-views.js';

/** What of a profile is wanted, and under which policy. */
export interface WantedView {
  readonly mergePolicy?: string | undefined;
  readonly fields?: string | undefined;
  /** The moment as of which computed attributes are read, RFC 3339. */
  readonly at?: string | undefined;
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
    const wantedAttributes = requestedAttributes(wanted, view.now);
    const profile = await mergedProfile(view, ref, policy);
    const [computed = {}] = await attributesOf(view, [profile], wantedAttributes);
    return profileAnswer(profile, policy, { fields, computed }, identity);
  }
}
