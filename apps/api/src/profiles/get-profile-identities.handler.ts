import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';

import { namespaceOf } from '#catalog';
import { toRfc3339, type Identity } from '#core';
import { blockedBy } from '#identity';

import type { SandboxRequest } from '../catalog/catalog-tail.js';
import type { PageRequest } from '../common/page.js';
import type { ClusterAnswer, ClusterIdentity } from './cluster-answers.dto.js';
import { linkPage } from './cluster-links.js';
import { lastSeen } from './last-seen.js';
import { SandboxViews } from './sandbox-views.js';

export class GetProfileIdentities extends Query<ClusterAnswer> {
  constructor(
    readonly view: SandboxRequest,
    readonly identity: Identity,
    readonly page: PageRequest,
  ) {
    super();
  }
}

@QueryHandler(GetProfileIdentities)
export class GetProfileIdentitiesHandler implements IQueryHandler<GetProfileIdentities> {
  constructor(private readonly views: SandboxViews) {}

  async execute({ view: request, identity: asked, page }: GetProfileIdentities): Promise<ClusterAnswer> {
    const view = await this.views.open(request);
    const { ref } = view.identity(asked.namespace, asked.id);
    const { id, body } = await view.clusterOf(ref);
    const identities = body.members.map(async (member): Promise<ClusterIdentity> => ({
      namespace: member.namespace,
      id: member.id,
      idType: namespaceOf(view.catalog, member.namespace)?.idType ?? 'CROSS_DEVICE',
      firstSeen: toRfc3339(member.firstSeen),
      lastSeen: toRfc3339(await lastSeen(view.reader, body, member)),
    }));
    const { links, next } = await linkPage(view.reader, body, {
      limit: page.limit,
      cursor: page.cursor,
      blockedValues: blockedBy(view.catalog.identitySettings),
    });
    return {
      profileId: id,
      identities: await Promise.all(identities),
      links,
      ...(next !== undefined && { next }),
    };
  }
}
