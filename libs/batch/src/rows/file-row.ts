import type { ErrorCode, FieldError } from '#core';

/** A row of a file: the JSON text of an item, or why it is none. */
export type FileRow = {
  /** Counts the rows of the file from 0. */
  readonly index: number;
  /** Counts from 1: the line where the row begins; of Parquet, the row. */
  readonly line: number;
} & (
  | { readonly text: string; readonly refusal?: never }
  | { readonly text?: never; readonly refusal: { readonly code: ErrorCode; readonly errors: readonly FieldError[] } }
);

export const ITEM_LIMIT = 'is over the limit of an item (record 100 KB, event 64 KB)';

export function refusedRow(index: number, line: number, code: ErrorCode, message: string): FileRow {
  return { index, line, refusal: { code, errors: [{ path: '', keyword: code, message }] } };
}

/** A row that was made into an item here: its text, or its refusal when the item is over `maxItemBytes`. */
export function jsonRow(index: number, line: number, item: object, maxItemBytes: number): FileRow {
  const text = JSON.stringify(item);
  // A UTF-16 unit takes three bytes at most, so most texts need not be measured.
  if (text.length * 3 <= maxItemBytes || Buffer.byteLength(text) <= maxItemBytes) return { index, line, text };
  return refusedRow(index, line, 'ITEM_TOO_LARGE', ITEM_LIMIT);
}

/** Any number of rows, as they come out of a file together. */
export type Rows = AsyncIterable<readonly FileRow[]>;
