import { BATCHES_PROJECTION, CATALOG_PROJECTION, PROFILE_PROJECTION } from '#read-models';

/** The projections that an operator can look at, rebuild and verify. */
export const PROJECTION_NAMES: readonly string[] = [PROFILE_PROJECTION, CATALOG_PROJECTION, BATCHES_PROJECTION];
