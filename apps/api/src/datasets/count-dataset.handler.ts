import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';

import { DATASET_COUNTS, datasetCountsKey, PROFILE_PROJECTION, type DatasetCountsBody } from '#read-models';

import { CatalogTail, type SandboxRequest } from '../catalog/catalog-tail.js';
import { LiveView } from '../common/live-view.js';

/** What came in for a dataset and what became of it. */
export type DatasetCounts = Omit<DatasetCountsBody, 'sandbox' | 'dataset'>;

const NONE: DatasetCounts = { recordFragments: 0, events: 0, duplicates: 0, idsReused: 0, stale: 0, oversized: 0 };

/** Counts of a dataset, all 0 for one into which nothing came. */
export class CountDataset extends Query<DatasetCounts> {
  constructor(
    readonly request: SandboxRequest,
    readonly id: string,
  ) {
    super();
  }
}

@QueryHandler(CountDataset)
export class CountDatasetHandler implements IQueryHandler<CountDataset> {
  constructor(
    private readonly tail: CatalogTail,
    private readonly live: LiveView,
  ) {}

  async execute({ request, id }: CountDataset): Promise<DatasetCounts> {
    const { sandbox } = await this.tail.open(request);
    const reader = await this.live.readerAt(PROFILE_PROJECTION, request.token);
    const [found] = await reader.get(DATASET_COUNTS.name, [datasetCountsKey(sandbox, id)]);
    if (found === undefined) return NONE;
    const { sandbox: _sandbox, dataset: _dataset, ...counts } = JSON.parse(found.body) as DatasetCountsBody;
    return counts;
  }
}
