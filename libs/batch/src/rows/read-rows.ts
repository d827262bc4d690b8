import type { Shape } from '#catalog';

import { checkedText } from './checked-text.js';
import { csvRows } from './csv-rows.js';
import { expandedContent } from './expanded-content.js';
import type { FileFormat } from './file-format.js';
import type { FileRow } from './file-row.js';
import { jsonArrayRows } from './json-array-rows.js';
import { ndjsonRows } from './ndjson-rows.js';
import { parquetRows } from './parquet-rows.js';
import { rowSlices } from './row-slices.js';
import type { StoredFile } from './stored-file.js';

export interface ReadOptions {
  readonly format: FileFormat;
  /** Of CSV; a comma by default. */
  readonly delimiter?: string | undefined;
  /** What the dataset's schema allows: cells of text are read by it. */
  readonly shape: Shape;
  readonly maxItemBytes: number;
  /** More than that does not come out of a compressed file. */
  readonly maxExpandedBytes: number;
}

/**
 * The rows of a file in slices of at most 200, in memory that does not grow with the file. Always the same rows for the
 * same file and schema. Throws `FILE_MALFORMED`, `FILE_TRUNCATED`, `FILE_NOT_UTF8`, `FORMAT_MISMATCH`,
 * `COLUMNS_INVALID`, `EXPANDED_TOO_LARGE`. Parquet must be unpacked before (see `expandedContent`).
 */
export function readRows(file: StoredFile, options: ReadOptions): AsyncGenerator<readonly FileRow[]> {
  return rowSlices(rowsOf(file, options));
}

function rowsOf(file: StoredFile, options: ReadOptions): AsyncGenerator<readonly FileRow[]> {
  const { format, maxExpandedBytes, maxItemBytes, shape, delimiter = ',' } = options;
  if (format === 'parquet') return parquetRows(file, { shape, maxItemBytes, maxExpandedBytes });
  const content = expandedContent(file.content(), maxExpandedBytes);
  switch (format) {
    case 'ndjson':
      return ndjsonRows(content, maxItemBytes);
    case 'json':
      return jsonArrayRows(checkedText(content, 'JSON'), maxItemBytes);
    case 'csv':
      return csvRows(checkedText(content, 'CSV'), { delimiter, shape, maxItemBytes });
  }
}
