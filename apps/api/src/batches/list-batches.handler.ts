import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';

import type { Batch, BatchStatus } from '#batch';
import { BATCHES, BATCHES_PROJECTION } from '#read-models';

import { CatalogTail, type SandboxRequest } from '../catalog/catalog-tail.js';
import { decodeCursor, encodeCursor } from '../common/cursor.js';
import { LiveView } from '../common/live-view.js';
import type { Page, PageRequest } from '../common/page.js';

export interface BatchFilter {
  readonly dataset?: string | undefined;
  readonly status?: BatchStatus | undefined;
}

export class ListBatches extends Query<Page<Batch>> {
  constructor(
    readonly request: SandboxRequest,
    readonly page: PageRequest & BatchFilter,
  ) {
    super();
  }
}

@QueryHandler(ListBatches)
export class ListBatchesHandler implements IQueryHandler<ListBatches> {
  constructor(
    private readonly catalogs: CatalogTail,
    private readonly live: LiveView,
  ) {}

  /** Newest first. Throws `INVALID_CURSOR`. */
  async execute({ request, page }: ListBatches): Promise<Page<Batch>> {
    const { sandbox } = await this.catalogs.open(request);
    const { limit, cursor, dataset, status } = page;
    const [value, key] = cursor === undefined ? [] : decodeCursor(cursor, 'number', 'string');
    const reader = await this.live.readerAt(BATCHES_PROJECTION, request.token);
    const documents = await reader.scan(BATCHES.name, {
      index: 'by_sandbox',
      equals: [sandbox],
      where: { ...(dataset !== undefined && { dataset }), ...(status !== undefined && { status }) },
      order: 'desc',
      limit: limit + 1,
      ...(value !== undefined && key !== undefined && { after: { value, key } }),
    });
    const items = documents.slice(0, limit).map(({ body }) => JSON.parse(body) as Batch);
    const last = items.at(-1);
    if (documents.length <= limit || last === undefined) return { items };
    return { items, next: encodeCursor(last.startedAt, last.id) };
  }
}
