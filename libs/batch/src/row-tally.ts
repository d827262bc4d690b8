import type { ErrorCode } from '#core';

import type { RowCounts } from './batch.js';

export interface CodeCount {
  readonly code: ErrorCode;
  readonly count: number;
}

/** Counts what became of the rows of a file. */
export class RowTally {
  #read: number;
  #accepted: number;
  #duplicates: number;
  #rejected: number;
  readonly #codes: Map<ErrorCode, number>;

  /** Goes on from where an earlier one ended. */
  constructor(rows?: RowCounts, errors: readonly CodeCount[] = []) {
    this.#read = rows?.read ?? 0;
    this.#accepted = rows?.accepted ?? 0;
    this.#duplicates = rows?.duplicates ?? 0;
    this.#rejected = rows?.rejected ?? 0;
    this.#codes = new Map(errors.map(({ code, count }) => [code, count]));
  }

  accept(): void {
    this.#read += 1;
    this.#accepted += 1;
  }

  duplicate(): void {
    this.#read += 1;
    this.#duplicates += 1;
  }

  reject(code: ErrorCode): void {
    this.#read += 1;
    this.#rejected += 1;
    this.#codes.set(code, (this.#codes.get(code) ?? 0) + 1);
  }

  get rows(): RowCounts {
    return {
      read: this.#read,
      accepted: this.#accepted,
      rejected: this.#rejected,
      duplicates: this.#duplicates,
    };
  }

  /** Most frequent first, equal ones by code. */
  get errors(): readonly CodeCount[] {
    return [...this.#codes]
      .map(([code, count]) => ({ code, count }))
      .sort((one, other) => other.count - one.count || (one.code < other.code ? -1 : 1));
  }
}
