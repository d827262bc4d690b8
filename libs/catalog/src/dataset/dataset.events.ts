import { toRfc3339 } from '#core';

import type { Dataset } from './dataset.js';

export const DATASET_CREATED = 'DatasetCreated';
export const DATASET_ENABLED_FOR_PROFILE = 'DatasetEnabledForProfile';
export const DATASET_DISABLED_FOR_PROFILE = 'DatasetDisabledForProfile';
export const DATASET_DELETED = 'DatasetDeleted';

export interface DatasetCreated {
  readonly type: typeof DATASET_CREATED;
  readonly data: Pick<Dataset, 'id' | 'schema' | 'upsert' | 'ordering'>;
}

export interface DatasetEnabledForProfile {
  readonly type: typeof DATASET_ENABLED_FOR_PROFILE;
  readonly data: { readonly id: string };
}

/** New items stop to show; what shows stays. */
export interface DatasetDisabledForProfile {
  readonly type: typeof DATASET_DISABLED_FOR_PROFILE;
  readonly data: { readonly id: string };
}

/** It takes no more items. Those that it has are deleted one by one, by a job. */
export interface DatasetDeleted {
  readonly type: typeof DATASET_DELETED;
  readonly data: { readonly id: string };
}

export type DatasetEvent = DatasetCreated | DatasetEnabledForProfile | DatasetDisabledForProfile | DatasetDeleted;

/** `undefined` once it is deleted. `at`: epoch milliseconds. */
export function evolveDataset(dataset: Dataset | undefined, event: DatasetEvent, at: number): Dataset | undefined {
  const updatedAt = toRfc3339(at);
  switch (event.type) {
    case DATASET_CREATED:
      return { ...event.data, enabled: false, createdAt: updatedAt, updatedAt };
    case DATASET_ENABLED_FOR_PROFILE:
      return dataset && { ...dataset, enabled: true, updatedAt };
    case DATASET_DISABLED_FOR_PROFILE:
      return dataset && { ...dataset, enabled: false, updatedAt };
    case DATASET_DELETED:
      return undefined;
  }
}
