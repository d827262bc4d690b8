import type { ErrorCode } from '#core';

export interface RowCounts {
  readonly read: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly duplicates: number;
}

export interface CodeCount {
  readonly code: ErrorCode;
  readonly count: number;
}

/** What a pass over the rows has come to. */
export interface PassResult {
  readonly rows: RowCounts;
  readonly errors: readonly CodeCount[];
  readonly warnings: readonly CodeCount[];
}
