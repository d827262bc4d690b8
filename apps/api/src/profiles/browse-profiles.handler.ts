import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';

import { PROFILES, type ProfileBody } from '#read-models';

import type { SandboxRequest } from '../catalog/catalog-tail.js';
import { decodeCursor, encodeCursor } from '../common/cursor.js';
import type { PageRequest } from '../common/page.js';
import { profileSummary } from './profile-answer.js';
import type { ProfilePage } from './profile-answers.dto.js';
import { SandboxViews } from './sandbox-views.js';

export class BrowseProfiles extends Query<ProfilePage> {
  constructor(
    readonly view: SandboxRequest,
    readonly page: PageRequest,
  ) {
    super();
  }
}

@QueryHandler(BrowseProfiles)
export class BrowseProfilesHandler implements IQueryHandler<BrowseProfiles> {
  constructor(private readonly views: SandboxViews) {}

  /** In the order of profile ids, which is that of a hash: good for going through all of them. */
  async execute({ view: request, page }: BrowseProfiles): Promise<ProfilePage> {
    const after = page.cursor === undefined ? undefined : decodeCursor(page.cursor, 'hash')[0];
    const { reader, catalog } = await this.views.open(request);
    const documents = await reader.scan(PROFILES.name, {
      index: 'by_sandbox',
      equals: [catalog.sandbox, 1],
      limit: page.limit + 1,
      ...(after !== undefined && { after: { key: after } }),
    });
    const shown = documents.slice(0, page.limit);
    const items = shown.map(({ key, body }) => profileSummary(key, JSON.parse(body) as ProfileBody));
    const last = shown.at(-1);
    return documents.length > shown.length && last !== undefined ? { items, next: encodeCursor(last.key) } : { items };
  }
}
