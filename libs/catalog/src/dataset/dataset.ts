export const DATASET_ORDERINGS = ['arrival', 'source'] as const;
export type DatasetOrdering = (typeof DATASET_ORDERINGS)[number];

/** A place that items of one schema are sent to, as HTTP answers it. */
export interface Dataset {
  readonly id: string;
  /** Id of its schema. */
  readonly schema: string;
  /** Every record is taken for an upsert. */
  readonly upsert: boolean;
  /** What decides between two items of one fragment: which came later, or which is newer where it comes from. */
  readonly ordering: DatasetOrdering;
  /** New items show in profiles, given that the schema is enabled too. */
  readonly enabled: boolean;
  /** RFC 3339. */
  readonly createdAt: string;
  readonly updatedAt: string;
}
