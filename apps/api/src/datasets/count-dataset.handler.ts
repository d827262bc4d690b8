import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';

import type { ErrorCode } from '#core';
import {
  BATCHES_PROJECTION,
  DATASET_COUNTS,
  DATASET_REFUSALS,
  datasetCountsKey,
  PROFILE_PROJECTION,
  type DatasetCountsBody,
  type DatasetRefusalsBody,
} from '#read-models';

import { CatalogTail, type SandboxRequest } from '../catalog/catalog-tail.js';
import { LiveView } from '../common/live-view.js';

/** What came in for a dataset and what became of it. */
export interface DatasetCounts extends Omit<DatasetCountsBody, 'sandbox' | 'dataset'> {
  /** Items of requests, and rows of batches that have ended, that were refused. */
  readonly refused: number;
  readonly refusedByCode: Readonly<Partial<Record<ErrorCode, number>>>;
}

const NONE = { recordFragments: 0, events: 0, duplicates: 0, idsReused: 0, stale: 0, oversized: 0 } as const;

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
    const key = datasetCountsKey(sandbox, id);
    const [found] = await reader.get(DATASET_COUNTS.name, [key]);
    const { codes } = await this.#refusals(key, request.token);
    const refused = Object.values(codes).reduce((sum, count) => sum + count, 0);
    if (found === undefined) return { ...NONE, refused, refusedByCode: codes };
    const { sandbox: _sandbox, dataset: _dataset, ...counts } = JSON.parse(found.body) as DatasetCountsBody;
    return { ...counts, refused, refusedByCode: codes };
  }

  async #refusals(key: string, token: SandboxRequest['token']): Promise<Pick<DatasetRefusalsBody, 'codes'>> {
    const reader = await this.live.readerAt(BATCHES_PROJECTION, token);
    const [found] = await reader.get(DATASET_REFUSALS.name, [key]);
    return found === undefined ? { codes: {} } : (JSON.parse(found.body) as DatasetRefusalsBody);
  }
}
