import type { ErrorCode } from '#core';

import type { CodeCount, PassResult, RowCounts } from './pass-result.js';

/** Counts what became of the rows of a file. */
export class RowTally {
  #read: number;
  #accepted: number;
  #duplicates: number;
  #rejected: number;
  readonly #codes: Map<ErrorCode, number>;
  readonly #warnings: Map<ErrorCode, number>;

  /** Goes on from where an earlier one ended. */
  constructor(before?: PassResult) {
    const rows = before?.rows;
    this.#read = rows?.read ?? 0;
    this.#accepted = rows?.accepted ?? 0;
    this.#duplicates = rows?.duplicates ?? 0;
    this.#rejected = rows?.rejected ?? 0;
    this.#codes = byCode(before?.errors);
    this.#warnings = byCode(before?.warnings);
  }

  accept(warning?: ErrorCode): void {
    this.#read += 1;
    this.#accepted += 1;
    if (warning !== undefined) add(this.#warnings, warning);
  }

  duplicate(): void {
    this.#read += 1;
    this.#duplicates += 1;
  }

  reject(code: ErrorCode): void {
    this.#read += 1;
    this.#rejected += 1;
    add(this.#codes, code);
  }

  get rows(): RowCounts {
    return {
      read: this.#read,
      accepted: this.#accepted,
      rejected: this.#rejected,
      duplicates: this.#duplicates,
    };
  }

  get result(): PassResult {
    return { rows: this.rows, errors: counted(this.#codes), warnings: counted(this.#warnings) };
  }
}

function byCode(counts: readonly CodeCount[] = []): Map<ErrorCode, number> {
  return new Map(counts.map(({ code, count }) => [code, count]));
}

function add(counts: Map<ErrorCode, number>, code: ErrorCode): void {
  counts.set(code, (counts.get(code) ?? 0) + 1);
}

/** Most frequent first, equal ones by code. */
function counted(counts: ReadonlyMap<ErrorCode, number>): readonly CodeCount[] {
  return [...counts]
    .map(([code, count]) => ({ code, count }))
    .sort((one, other) => other.count - one.count || (one.code < other.code ? -1 : 1));
}
