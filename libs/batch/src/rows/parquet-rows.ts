import {
  parquetMetadataAsync,
  parquetScan,
  parquetSchema,
  type AsyncBuffer,
  type FileMetaData,
  type ParquetScan,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';

import type { Shape } from '#catalog';
import { isTesseraError, setOwn, TesseraError, type JsonValue } from '#core';

import { columnsOf, type Column } from './columns.js';
import { PARQUET_MAGIC, startsWith } from './file-format.js';
import { jsonRow, type FileRow } from './file-row.js';
import { PARQUET_PARSERS, parquetJson, type ParquetNode } from './parquet-values.js';
import type { StoredFile } from './stored-file.js';

export interface ParquetOptions {
  readonly shape: Shape;
  readonly maxItemBytes: number;
  readonly maxExpandedBytes: number;
}

/**
 * Decoded at a time; as values of JavaScript it is several times as much. Fewer would be read from the same pages again
 * and again: of a file of 88 MB, 8 MB at a time took 2.1 s and 256 MB of memory, 3 MB 3.0 s and 175 MB, 2 MB 5.0 s and
 * 164 MB (with what is held below).
 */
const RANGE_BYTES = 2 * 1024 * 1024;
const MOST_ROWS = 20_000;
/** Made into items together. */
const ROWS_TOGETHER = 500;
/** A row group whose compressed bytes are fewer is read from disk once, a larger one column by column for each range. */
const HELD_BYTES = 4 * 1024 * 1024;
/** Far above the pages that writers make: one that claims more is made to fill memory. */
const MAX_PAGE_BYTES = 256 * 1024 * 1024;

/**
 * The rows of a Parquet file, a range of a row group at a time. Top-level columns are named like those of CSV. Throws
 * `FORMAT_MISMATCH`, `FILE_TRUNCATED`, `FILE_MALFORMED`, `COLUMNS_INVALID`, `EXPANDED_TOO_LARGE`.
 */
export async function* parquetRows(file: StoredFile, options: ParquetOptions): AsyncGenerator<readonly FileRow[]> {
  await checkMagic(file);
  const metadata = await readMetadata(file, options);
  const nodes = nodesOf(metadata);
  const columns = columnsOf(
    nodes.map(({ element }) => element.name),
    options.shape,
  );
  let groupStart = 0;
  for (const group of metadata.row_groups) {
    const groupRows = Number(group.num_rows);
    const scan = await scanOf(await groupSource(file, group), metadata);
    for (let from = 0; from < groupRows;) {
      const to = Math.min(from + rowsPerRange(group), groupRows);
      const range = { rowStart: groupStart + from, rowEnd: groupStart + to };
      yield* rowsOf(await readRange(scan, nodes, range), { columns, nodes }, range, options);
      from = to;
    }
    groupStart += groupRows;
  }
}

async function checkMagic(file: StoredFile): Promise<void> {
  const start = Buffer.from(await file.slice(0, Math.min(PARQUET_MAGIC.length, file.bytes)));
  if (!startsWith(start, PARQUET_MAGIC)) {
    throw new TesseraError('FORMAT_MISMATCH', 'The file is not Parquet: it does not begin with PAR1.');
  }
  const end = Buffer.from(await file.slice(Math.max(0, file.bytes - PARQUET_MAGIC.length), file.bytes));
  // Twelve bytes: two marks and the length of an empty description.
  if (file.bytes < 12 || !startsWith(end, PARQUET_MAGIC)) {
    throw new TesseraError('FILE_TRUNCATED', 'The Parquet file does not end with PAR1: it is cut off.');
  }
}

async function readMetadata(file: StoredFile, { maxExpandedBytes }: ParquetOptions): Promise<FileMetaData> {
  const metadata = await unlessMalformed(() => parquetMetadataAsync(asyncBuffer(file), { geoparquet: false }));
  const bytes = metadata.row_groups.reduce((sum, group) => sum + expandedBytes(group), 0);
  if (bytes > maxExpandedBytes) {
    throw new TesseraError('EXPANDED_TOO_LARGE', `The file expands to ${bytes} bytes, more than ${maxExpandedBytes}.`);
  }
  return metadata;
}

type RowGroup = FileMetaData['row_groups'][number];

function expandedBytes({ columns }: RowGroup): number {
  return columns.reduce((sum, { meta_data }) => sum + Number(meta_data?.total_uncompressed_size ?? 0n), 0);
}

function rowsPerRange(group: RowGroup): number {
  const bytesPerRow = Math.max(1, expandedBytes(group) / Math.max(1, Number(group.num_rows)));
  return Math.min(MOST_ROWS, Math.max(1, Math.floor(RANGE_BYTES / bytesPerRow)));
}

function nodesOf(metadata: FileMetaData): readonly ParquetNode[] {
  return parquetSchema(metadata).children;
}

/** The bytes of a row group: held in memory where they are few, for every range of it needs them. */
async function groupSource(file: StoredFile, { columns }: RowGroup): Promise<AsyncBuffer> {
  const whole = asyncBuffer(file);
  let start = Infinity;
  let end = 0;
  for (const { meta_data } of columns) {
    if (meta_data === undefined) continue;
    const first = Number(meta_data.dictionary_page_offset || meta_data.data_page_offset);
    const from = Math.min(first, Number(meta_data.data_page_offset));
    start = Math.min(start, from);
    end = Math.max(end, from + Number(meta_data.total_compressed_size));
  }
  if (!(end > start) || end - start > HELD_BYTES || end > file.bytes) return whole;
  const held = await file.slice(start, end);
  return {
    byteLength: file.bytes,
    slice: (from, to = file.bytes) =>
      from >= start && to <= end ? held.slice(from - start, to - start) : whole.slice(from, to),
  };
}

function asyncBuffer(file: StoredFile): AsyncBuffer {
  return { byteLength: file.bytes, slice: (start, end = file.bytes) => file.slice(start, end) };
}

interface Range {
  readonly rowStart: number;
  readonly rowEnd: number;
}

/** The values of each column: of a large row group only one column's bytes are in memory at a time. */
async function readRange(
  scan: ParquetScan,
  nodes: readonly ParquetNode[],
  range: Range,
): Promise<readonly ArrayLike<unknown>[]> {
  const values: ArrayLike<unknown>[] = [];
  for (const { element } of nodes) {
    values.push(await unlessMalformed(() => scan.readColumn({ column: element.name, ...range })));
  }
  return values;
}

/** Some at a time: nobody needs the items of a whole range beside its values. */
function* rowsOf(
  values: readonly ArrayLike<unknown>[],
  { columns, nodes }: { readonly columns: readonly Column[]; readonly nodes: readonly ParquetNode[] },
  { rowStart, rowEnd }: Range,
  { maxItemBytes }: ParquetOptions,
): Generator<readonly FileRow[]> {
  let rows: FileRow[] = [];
  for (let index = rowStart; index < rowEnd; index += 1) {
    const item: { [key: string]: JsonValue } = {};
    columns.forEach(({ path, shape }, column) => {
      const json = parquetJson(values[column]?.[index - rowStart], nodes[column], shape);
      if (json !== undefined) place(item, path, json);
    });
    rows.push(jsonRow(index, index + 1, item, maxItemBytes));
    if (rows.length < ROWS_TOGETHER && index + 1 < rowEnd) continue;
    yield rows;
    rows = [];
  }
}

function scanOf(file: AsyncBuffer, metadata: FileMetaData): Promise<ParquetScan> {
  return parquetScan({ file, metadata, compressors: BOUNDED_COMPRESSORS, parsers: PARQUET_PARSERS });
}

type Compressors = typeof compressors;

const BOUNDED_COMPRESSORS = Object.fromEntries(
  Object.entries(compressors).map(([codec, decompress]) => [
    codec,
    (input: Uint8Array, outputLength: number) => {
      if (outputLength > MAX_PAGE_BYTES) {
        throw new TesseraError('EXPANDED_TOO_LARGE', `A page of the file expands to ${outputLength} bytes.`);
      }
      return decompress(input, outputLength);
    },
  ]),
) as Compressors;

function place(item: { [key: string]: JsonValue }, path: readonly string[], value: JsonValue): void {
  let target = item;
  for (const key of path.slice(0, -1)) {
    if (!Object.hasOwn(target, key)) setOwn(target, key, {});
    target = target[key] as { [key: string]: JsonValue };
  }
  setOwn(target, path.at(-1) as string, value);
}

/** Whatever the reader stumbles over in somebody else's file is the file's fault. */
async function unlessMalformed<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (isTesseraError(cause)) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new TesseraError('FILE_MALFORMED', `The Parquet file cannot be read: ${message}.`, { cause });
  }
}
