import { pipeline } from 'node:stream';
import { parse } from 'csv-parse';
import { CliError } from '../cli-error.js';
import {
  type CsvRow,
  RETAIL_DATASETS,
  type RetailDataset,
  type RetailItem,
  retailItems,
} from '../retail/retail-items.js';
import type { Chunk, LoadStep } from './chunk.js';

export interface RetailOptions {
  /** Only the items of this dataset; all three when left out. */
  readonly dataset?: RetailDataset;
  readonly itemsPerChunk: number;
}

/**
 * Turns the retail CSV into chunks of purchases and cancellations, and of customers at its end. Holds a chunk per
 * dataset, a number per invoice and an entry per customer. Throws a `CliError` when the file is not CSV.
 */
export async function* retailChunks(
  input: AsyncIterable<Buffer>,
  { dataset, itemsPerChunk }: RetailOptions,
): AsyncGenerator<LoadStep> {
  const items = retailItems();
  const open = new Map<RetailDataset, OpenChunk>();

  const steps = function* (item: RetailItem | undefined): Generator<LoadStep> {
    if (item === undefined) return;
    if ('problem' in item) {
      yield { step: 'refused', line: item.line, code: 'MALFORMED_ROW', message: item.problem };
      return;
    }
    if (dataset !== undefined && item.dataset !== dataset) return;
    const chunk = open.get(item.dataset) ?? new OpenChunk(item.dataset);
    open.set(item.dataset, chunk);
    chunk.add(item.line, item.text);
    if (chunk.items === itemsPerChunk) yield { step: 'chunk', chunk: chunk.take() };
  };

  for await (const row of csvRows(input)) yield* steps(items.event(row));
  for (const item of items.customers()) yield* steps(item);
  for (const chunk of open.values()) if (chunk.items > 0) yield { step: 'chunk', chunk: chunk.take() };
}

/** The rows of a CSV file with their lines, the header among them. Throws a `CliError` when it is not CSV. */
export async function* csvRows(input: AsyncIterable<Buffer>): AsyncGenerator<CsvRow> {
  // Rows of another length are the mapping's to refuse, one by one.
  const parser = parse({ bom: true, relax_column_count: true });
  // An error of the input ends the parser with it, and so the loop below.
  pipeline(input, parser, () => undefined);
  let line = 1;
  try {
    for await (const row of parser) {
      const cells = row as readonly string[];
      const isEmptyLine = cells.length === 1 && cells[0] === '';
      if (!isEmptyLine) yield { line, cells };
      line += linesOf(cells);
    }
  } catch (error) {
    const isCsvError = error instanceof Error && 'code' in error && String(error.code).startsWith('CSV_');
    if (!isCsvError) throw error;
    throw new CliError(`the file is not CSV: ${error.message}`, { cause: error });
  }
}

/** A quoted cell may go over several lines. The parser can tell lines too, for a third more of its time. */
function linesOf(cells: readonly string[]): number {
  let lines = 1;
  for (const cell of cells) if (cell.includes('\n')) lines += cell.split('\n').length - 1;
  return lines;
}

/** The chunk that a dataset's items are collected in. */
class OpenChunk {
  #texts: string[] = [];
  #lines: number[] = [];
  #number = 0;

  constructor(private readonly dataset: RetailDataset) {}

  get items(): number {
    return this.#texts.length;
  }

  add(line: number, text: string): void {
    this.#texts.push(text);
    this.#lines.push(line);
  }

  take(): Chunk {
    const lines = this.#lines;
    const chunk: Chunk = {
      dataset: this.dataset,
      kind: RETAIL_DATASETS[this.dataset],
      number: this.#number,
      body: Buffer.from(`${this.#texts.join('\n')}\n`),
      items: lines.length,
      fileLine: (bodyLine) => lines[bodyLine - 1] || undefined,
    };
    this.#texts = [];
    this.#lines = [];
    this.#number += 1;
    return chunk;
  }
}
