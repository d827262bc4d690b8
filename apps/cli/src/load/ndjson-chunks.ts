import { CliError } from '../cli-error.js';
import { CHUNK_BYTES, type ItemKind, type LoadStep } from './chunk.js';

const NEWLINE = 0x0a;
/** Far over the largest item that the service takes: so long a line means that the file is something else. */
const LINE_LIMIT_BYTES = 32 * 1024 * 1024;

export interface NdjsonOptions {
  readonly dataset: string;
  readonly kind: ItemKind;
  readonly itemsPerChunk: number;
}

/**
 * Cuts a stream of NDJSON into chunks without looking into the lines: they go out as they came in, and the service says
 * what is wrong with them. Holds one chunk. Throws a `CliError` on a line that cannot be NDJSON for its length.
 */
export async function* ndjsonChunks(input: AsyncIterable<Buffer>, options: NdjsonOptions): AsyncGenerator<LoadStep> {
  const { dataset, kind, itemsPerChunk } = options;
  // The bytes since the last chunk, and how many of them belong to whole lines.
  let parts: Buffer[] = [];
  let bytes = 0;
  let lineStart = 0;
  let lines = 0;
  let firstLine = 1;
  let number = 0;

  const add = (part: Buffer): void => {
    parts.push(part);
    bytes += part.length;
  };
  const take = (): LoadStep => {
    const first = firstLine;
    const body = Buffer.concat(parts);
    const fileLine = (bodyLine: number): number => first + bodyLine - 1;
    const chunk = { dataset, kind, number, body, items: lines, fileLine };
    parts = [];
    bytes = lineStart = lines = 0;
    firstLine = first + chunk.items;
    number += 1;
    return { step: 'chunk', chunk };
  };

  for await (const buffer of input) {
    let from = 0;
    for (let end = buffer.indexOf(NEWLINE); end !== -1; end = buffer.indexOf(NEWLINE, end + 1)) {
      lines += 1;
      lineStart = bytes + (end + 1 - from);
      if (lines < itemsPerChunk && lineStart < CHUNK_BYTES) continue;
      add(buffer.subarray(from, end + 1));
      from = end + 1;
      yield take();
    }
    add(buffer.subarray(from));
    if (bytes - lineStart > LINE_LIMIT_BYTES) {
      const megabytes = LINE_LIMIT_BYTES / 1024 / 1024;
      throw new CliError(`line ${firstLine + lines} is over ${megabytes} MB: is this NDJSON, one item a line?`);
    }
  }
  if (bytes > lineStart) lines += 1;
  if (lines > 0) yield take();
}
