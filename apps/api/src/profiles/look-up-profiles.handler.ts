import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';

import type { Identity } from '#core';

import type { SandboxRequest } from '../catalog/catalog-tail.js';
import { attributesOf } from '../computed-attributes/attribute-answers.js';
import type { WantedView } from './get-profile.handler.js';
import { mergedProfiles } from './merged-profiles.js';
import { profileAnswer } from './profile-answer.js';
import type { LookupResult } from './profile-answers.dto.js';
import { requestedAttributes, requestedFields, requestedPolicy } from './requested.js';
import { SandboxViews } from './sandbox-views.js';

export class LookUpProfiles extends Query<readonly LookupResult[]> {
  constructor(
    readonly view: SandboxRequest,
    readonly identities: readonly Identity[],
    readonly wanted: WantedView,
  ) {
    super();
  }
}

@QueryHandler(LookUpProfiles)
export class LookUpProfilesHandler implements IQueryHandler<LookUpProfiles> {
  constructor(private readonly views: SandboxViews) {}

  /** One result per identity, in their order. */
  async execute({ view: request, identities, wanted }: LookUpProfiles): Promise<readonly LookupResult[]> {
    const fields = requestedFields(wanted.fields);
    const view = await this.views.open(request);
    const policy = requestedPolicy(view.catalog, wanted.mergePolicy);
    const wantedAttributes = requestedAttributes(wanted, view.now);
    const asked = identities.map(({ namespace, id }, index) =>
      view.identity(namespace, id, `identities[${index}].namespace`),
    );
    const profiles = await mergedProfiles(
      view,
      asked.map(({ ref }) => ref),
      policy,
    );
    const found = profiles.filter((profile) => profile !== undefined);
    const values = await attributesOf(view, found, wantedAttributes);
    const computedOf = new Map(found.map((profile, index) => [profile, values[index] ?? {}]));
    return asked.map(({ identity }, index) => {
      const profile = profiles[index];
      if (profile === undefined) return { identity, found: false };
      const computed = computedOf.get(profile) ?? {};
      return { identity, found: true, profile: profileAnswer(profile, policy, { fields, computed }, identity) };
    });
  }
}
