import type { CollectionSpec } from '#read-store';

/** A collection as a projection keeps it. */
export interface ProjectedCollection {
  readonly spec: CollectionSpec;
  /** Bodies are parsed and printed as JSON, or kept as text. */
  readonly codec: 'json' | 'text';
  /** Documents kept in memory between pages, at most. */
  readonly cache: number;
}
