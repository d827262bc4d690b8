import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';

import type { Identity } from '#core';

import type { SandboxRequest } from '../catalog/catalog-tail.js';
import { consistentProfiles } from './consistent-profiles.js';
import type { WantedView } from './get-profile.handler.js';
import { lineageAnswer } from './lineage-answer.js';
import type { LineageAnswer } from './lineage-answers.dto.js';
import { requestedFields, requestedPolicy } from './requested.js';
import { profileNotFound } from './sandbox-view.js';
import { SandboxViews } from './sandbox-views.js';
import { selectedProfile } from './selected-profile.js';

/** For each leaf of a profile who won, by which rule, and who lost. */
export class GetProfileLineage extends Query<LineageAnswer> {
  constructor(
    readonly view: SandboxRequest,
    readonly identity: Identity,
    readonly wanted: WantedView,
  ) {
    super();
  }
}

@QueryHandler(GetProfileLineage)
export class GetProfileLineageHandler implements IQueryHandler<GetProfileLineage> {
  constructor(private readonly views: SandboxViews) {}

  async execute({ view: request, identity: asked, wanted }: GetProfileLineage): Promise<LineageAnswer> {
    const fields = requestedFields(wanted.fields);
    const view = await this.views.open(request);
    const { identity, ref } = view.identity(asked.namespace, asked.id);
    const policy = requestedPolicy(view.catalog, wanted.mergePolicy);
    const [found] = await consistentProfiles(view, [ref], {
      select: (profile, of) => selectedProfile(profile, of, policy),
      needsFragments: () => true,
    });
    if (found === undefined) throw profileNotFound();
    return lineageAnswer(found, policy, fields, identity);
  }
}
