import { finished } from 'node:stream/promises';

import { CsvError, Parser } from 'csv-parse';

import type { Shape } from '#catalog';
import { setOwn, TesseraError, type JsonValue } from '#core';

import { cellValue } from './cell.js';
import { columnsOf, type Column } from './columns.js';
import { jsonRow, refusedRow, type FileRow } from './file-row.js';

/**
 * A quote that is never closed swallows everything behind it: a row of this size is taken for that. Far above the limit
 * of an item.
 */
const MAX_ROW_BYTES = 1024 * 1024;

export interface CsvOptions {
  /** Between two cells. */
  readonly delimiter: string;
  /** Of the items. */
  readonly shape: Shape;
  readonly maxItemBytes: number;
}

/** A record, or why there is none, with how many lines the file had at its end. */
interface Place {
  readonly lines: number;
  readonly emptyLines: number;
  readonly cells: readonly string[] | CsvError;
}

/**
 * The rows of CSV (RFC 4180) under a header of dotted paths. An empty cell is absent. Throws `COLUMNS_INVALID` for the
 * header, `FILE_TRUNCATED` for a quote that is never closed, `FILE_MALFORMED` for one behind which nobody knows where
 * the row ends. What is wrong with one row refuses that row alone.
 */
export async function* csvRows(
  content: AsyncIterable<Buffer>,
  options: CsvOptions,
): AsyncGenerator<readonly FileRow[]> {
  const reading = new CsvReading(options);
  for await (const chunk of content) yield reading.push(chunk);
  yield await reading.end();
}

/**
 * Takes each record when the parser has it, with where the parser is then. Its option `info` and the buffer of a stream
 * would cost a quarter of the reading: objects of a dozen members for every row.
 */
class PlacingParser extends Parser {
  #places: Place[] = [];

  override push(record: unknown): boolean {
    if (record === null) return super.push(null);
    const { lines, empty_lines: emptyLines } = this.info;
    this.#places.push({ lines, emptyLines, cells: record as readonly string[] });
    return true;
  }

  /** Those since the last time, in the order of the file. */
  taken(): Place[] {
    const places = this.#places;
    this.#places = [];
    return places;
  }
}

class CsvReading {
  readonly #parser: PlacingParser;
  #columns: readonly Column[] | undefined;
  #index = 0;
  /** Lines up to the row before, and how many of them were empty. */
  #lines = 0;
  #emptyLines = 0;
  #failure: Error | undefined;
  #skipped: Place[] = [];

  constructor(private readonly options: CsvOptions) {
    this.#parser = new PlacingParser({
      bom: true,
      delimiter: options.delimiter,
      max_record_size: MAX_ROW_BYTES,
      relax_column_count: true,
      skip_empty_lines: true,
      skip_records_with_error: true,
    });
    this.#parser.on('skip', (error: CsvError) => this.#skip(error));
    this.#parser.on('error', (error) => (this.#failure ??= error));
    // Nothing comes out this way but the end.
    this.#parser.resume();
  }

  /** The parser works at once. */
  push(chunk: Buffer): readonly FileRow[] {
    this.#parser.write(chunk);
    return this.#rows(this.#parser.taken());
  }

  async end(): Promise<readonly FileRow[]> {
    this.#parser.end();
    try {
      await finished(this.#parser);
    } catch (error) {
      this.#failure ??= error as Error;
    }
    return this.#rows(this.#parser.taken());
  }

  /** Only a quote inside a cell without quotes is the fault of its row alone; it may have several of them. */
  #skip(error: CsvError): void {
    const lines = Number(error['lines']);
    if (error.code !== 'INVALID_OPENING_QUOTE') this.#failure ??= error;
    else if (this.#skipped.at(-1)?.lines !== lines) {
      this.#skipped.push({ lines, emptyLines: Number(error['empty_lines']), cells: error });
    }
  }

  /** What came out of the parser together, in the order of the file. */
  #rows(places: Place[]): readonly FileRow[] {
    if (this.#failure !== undefined) throw fileFault(this.#failure);
    if (this.#skipped.length > 0) {
      places.push(...this.#skipped);
      this.#skipped = [];
      places.sort((one, other) => one.lines - other.lines);
    }
    return places.flatMap((place) => this.#row(place) ?? []);
  }

  #row({ lines, emptyLines, cells }: Place): FileRow | undefined {
    const line = this.#lines + 1 + (emptyLines - this.#emptyLines);
    this.#lines = lines;
    this.#emptyLines = emptyLines;
    if (this.#columns === undefined) {
      if (cells instanceof Error) throw fileFault(cells);
      this.#columns = columnsOf(cells, this.options.shape);
      return undefined;
    }
    const index = this.#index++;
    if (cells instanceof Error) return refusedRow(index, line, 'MALFORMED_ROW', `is not CSV: ${cells.message}`);
    if (cells.length !== this.#columns.length) {
      const message = `has ${cells.length} cells where the header has ${this.#columns.length}`;
      return refusedRow(index, line, 'MALFORMED_ROW', message);
    }
    return jsonRow(index, line, itemOf(this.#columns, cells), this.options.maxItemBytes);
  }
}

/** The item that the cells make. */
function itemOf(columns: readonly Column[], cells: readonly string[]): object {
  const item: { [key: string]: JsonValue } = {};
  for (let at = 0; at < columns.length; at += 1) {
    const text = cells[at] as string;
    if (text === '') continue;
    const { path, shape } = columns[at] as Column;
    let target = item;
    for (let depth = 0; depth < path.length - 1; depth += 1) target = childOf(target, path[depth] as string);
    setOwn(target, path.at(-1) as string, cellValue(text, shape));
  }
  return item;
}

function childOf(target: { [key: string]: JsonValue }, key: string): { [key: string]: JsonValue } {
  if (!Object.hasOwn(target, key)) setOwn(target, key, {});
  return target[key] as { [key: string]: JsonValue };
}

function fileFault(error: Error): TesseraError {
  if (error instanceof TesseraError) return error;
  const code = error instanceof CsvError ? error.code : undefined;
  if (code === 'CSV_QUOTE_NOT_CLOSED') {
    const message = `A quote is never closed: ${error.message}. The file is cut off, or the quote stands in its text alone.`;
    return new TesseraError('FILE_TRUNCATED', message, { cause: error });
  }
  if (code === 'CSV_MAX_RECORD_SIZE') {
    const message = `A row is over ${MAX_ROW_BYTES} bytes: ${error.message}. Is a quote not closed?`;
    return new TesseraError('FILE_MALFORMED', message, { cause: error });
  }
  return new TesseraError('FILE_MALFORMED', `The file is not CSV: ${error.message}.`, { cause: error });
}
