/**
 * Everything that is known about one version of one projection, in one document: so that each step of its life is one
 * compare-and-set. The document of a dropped version stays: its epoch, token and generation go on rising, and whoever wrote
 * the version before remains fenced.
 */
export interface VersionRecord {
  /** Such as `profile_v1`. */
  readonly _id: string;
  /** `creating` and `dropping` are left behind by a process that ended; the next one finishes. */
  readonly state: 'creating' | 'ready' | 'dropping' | 'dropped';
  /** How often it was deployed after a drop, from 1. */
  readonly generation: number;
  readonly fingerprint: string;
  /** Its collections, as JSON. */
  readonly layout: string;
  /** Raised by each claim, from 0. */
  readonly epoch: number;
  /** Of the last claim. */
  readonly token: number;
  /** Whether it was claimed since it was deployed. */
  readonly claimed: boolean;
  readonly position: string;
  readonly ingestedAt?: number;
}

export const VERSIONS = 'versions';
