import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';

import { toRfc3339 } from '#core';
import { IDENTITIES, PROFILES, type IdentityBody, type ProfileBody, type ProfileMember } from '#read-models';
import type { StoredDocument } from '#read-store';

import type { SandboxRequest } from '../catalog/catalog-tail.js';
import type { SandboxView } from '../profiles/sandbox-view.js';
import { SandboxViews } from '../profiles/sandbox-views.js';
import { RefusedIdentities } from '../refused-identities/refused-identities.js';
import type { ClusterNearLimit, IdentitySignalsAnswer, LinkedIdentity } from './identity-signals.dto.js';

/** What is counted costs a step of the index each. */
const MOST_COUNTED = 1_000;

export class GetIdentitySignals extends Query<IdentitySignalsAnswer> {
  /** `limit`: of each list. */
  constructor(
    readonly request: SandboxRequest,
    readonly limit: number,
  ) {
    super();
  }
}

/** What there is in a sandbox that looks like people who are glued together. */
@QueryHandler(GetIdentitySignals)
export class GetIdentitySignalsHandler implements IQueryHandler<GetIdentitySignals> {
  constructor(
    private readonly views: SandboxViews,
    private readonly refused: RefusedIdentities,
  ) {}

  async execute({ request, limit }: GetIdentitySignals): Promise<IdentitySignalsAnswer> {
    const view = await this.views.open(request);
    const { sandbox, identitySettings } = view.catalog;
    const [clusters, identities] = await Promise.all([
      most(view, PROFILES.name, 'by_size', limit),
      most(view, IDENTITIES.name, 'by_links', limit),
    ]);
    return {
      nearLimit: {
        limit: identitySettings.maxIdentities,
        count: clusters.count,
        items: clusters.documents.map(clusterNearLimit),
      },
      manyLinks: { count: identities.count, items: identities.documents.map(linkedIdentity) },
      refused: {
        since: toRfc3339(this.refused.since),
        counts: this.refused.counts(sandbox),
        values: this.refused.values(sandbox, limit),
      },
    };
  }
}

/** The documents of the sandbox that are in the index, those with the most first, and how many there are. */
async function most(
  { catalog, reader }: SandboxView,
  collection: string,
  index: string,
  limit: number,
): Promise<{ readonly count: number; readonly documents: readonly StoredDocument[] }> {
  const scan = { index, equals: [catalog.sandbox], order: 'desc' } as const;
  const [all, documents] = await Promise.all([
    reader.scan(collection, { ...scan, limit: MOST_COUNTED, body: false }),
    reader.scan(collection, { ...scan, limit }),
  ]);
  return { count: all.length, documents };
}

function clusterNearLimit({ key, body }: StoredDocument): ClusterNearLimit {
  const { members, limited } = JSON.parse(body) as ProfileBody;
  const { namespace, id } = members[0] as ProfileMember;
  return { profileId: key, identity: { namespace, id }, size: members.length, evicted: limited === true };
}

function linkedIdentity({ body }: StoredDocument): LinkedIdentity {
  const { namespace, id, links } = JSON.parse(body) as IdentityBody;
  return { identity: { namespace, id }, links };
}
