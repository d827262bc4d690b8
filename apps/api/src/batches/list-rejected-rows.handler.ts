import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';

import type { RejectedRow } from '#batch';

import { CatalogTail, type SandboxRequest } from '../catalog/catalog-tail.js';
import { decodeCursor, encodeCursor } from '../common/cursor.js';
import type { Page, PageRequest } from '../common/page.js';
import { BatchStreams } from './batch-streams.js';

export class ListRejectedRows extends Query<Page<RejectedRow>> {
  constructor(
    readonly request: SandboxRequest,
    readonly id: string,
    readonly page: PageRequest,
  ) {
    super();
  }
}

@QueryHandler(ListRejectedRows)
export class ListRejectedRowsHandler implements IQueryHandler<ListRejectedRows> {
  constructor(
    private readonly catalogs: CatalogTail,
    private readonly streams: BatchStreams,
  ) {}

  /** In the order of the file; the first 10,000. Throws `BATCH_NOT_FOUND`, `INVALID_CURSOR`. */
  async execute({ request, id, page: { limit, cursor } }: ListRejectedRows): Promise<Page<RejectedRow>> {
    const { sandbox } = await this.catalogs.open(request);
    const [from] = cursor === undefined ? [0] : decodeCursor(cursor, 'number');
    const rows = await this.streams.rejected(sandbox, id);
    const items = rows.slice(from, from + limit);
    return from + limit < rows.length ? { items, next: encodeCursor(from + limit) } : { items };
  }
}
