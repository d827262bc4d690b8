import type { FileRow, Rows } from './file-row.js';

/**
 * Rows that are worked on without letting anybody else in: the same as of a request, for the same reason (see the
 * slices of ingest).
 */
const SLICE_ROWS = 200;
/** The same bound for large rows. */
const SLICE_CHARACTERS = 256 * 1024;

/** Cuts rows into slices of at most 200, in their order. */
export async function* rowSlices(rows: Rows): AsyncGenerator<readonly FileRow[]> {
  let slice: FileRow[] = [];
  let characters = 0;
  for await (const some of rows) {
    for (const row of some) {
      slice.push(row);
      characters += row.text?.length ?? 0;
      if (slice.length < SLICE_ROWS && characters < SLICE_CHARACTERS) continue;
      yield slice;
      slice = [];
      characters = 0;
    }
  }
  if (slice.length > 0) yield slice;
}
