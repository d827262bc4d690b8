/// <reference lib="es2024.string" />
import type { ErrorCode, FieldError } from '#core';

/** A row that was refused, and why. */
export interface RejectedRow {
  /** Counts from 1: lines of the file; of Parquet, rows. */
  readonly line: number;
  readonly code: ErrorCode;
  readonly errors: readonly FieldError[];
}

/** So many are kept of each batch; all of them are counted. */
export const MAX_REJECTED_ROWS = 10_000;

/** Keys and values of the file come back in errors: what is kept must not grow with them. */
const MAX_TEXT = 300;
const MAX_ERRORS = 5;

/** The row as it is kept: its first five errors, their texts cut at 300 characters. */
export function rejectedRow(line: number, code: ErrorCode, errors: readonly FieldError[]): RejectedRow {
  const kept = errors.slice(0, MAX_ERRORS).map((error) => ({
    ...error,
    path: clip(error.path),
    message: clip(error.message),
  }));
  return { line, code, errors: kept };
}

function clip(text: string): string {
  return (text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}…`).toWellFormed();
}
