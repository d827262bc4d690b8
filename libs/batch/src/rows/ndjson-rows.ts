import { ITEM_LIMIT, refusedRow, type FileRow } from './file-row.js';
import { NdjsonSplitter } from './ndjson-splitter.js';
import type { RawItem } from './raw-item.js';

const MESSAGES = {
  ITEM_TOO_LARGE: ITEM_LIMIT,
  INVALID_UTF8: 'is not valid UTF-8',
} as const;

/** One item a line. A line that is not UTF-8, or too long, is refused alone. */
export async function* ndjsonRows(
  content: AsyncIterable<Buffer>,
  maxItemBytes: number,
): AsyncGenerator<readonly FileRow[]> {
  const splitter = new NdjsonSplitter(maxItemBytes);
  for await (const chunk of content) yield splitter.push(chunk).map(rowOf);
  yield splitter.end().map(rowOf);
}

function rowOf({ index, line = index + 1, text, fault }: RawItem): FileRow {
  return text === undefined ? refusedRow(index, line, fault, MESSAGES[fault]) : { index, line, text };
}
