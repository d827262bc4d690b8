import { TesseraError } from '#core';

import { ITEM_LIMIT, refusedRow, type FileRow } from './file-row.js';

const COMMA = 0x2c;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const NEWLINE = 0x0a;
const SPACES = new Set([0x20, 0x09, NEWLINE, 0x0d]);
const MARK = [0xef, 0xbb, 0xbf];

/** Where the reading is: before the array, before an element (perhaps the end), inside one, behind the array. */
type State = 'before' | 'first' | 'next' | 'element' | 'behind';

/**
 * The elements of one JSON array, without reading them: only strings, nesting and commas are followed, so what is wrong
 * inside an element is that row's fault alone. Memory is bounded by one chunk and one element. Throws `FILE_MALFORMED`
 * when the whole is no array, `FILE_TRUNCATED` when the array does not end.
 */
export async function* jsonArrayRows(
  content: AsyncIterable<Buffer>,
  maxItemBytes: number,
): AsyncGenerator<readonly FileRow[]> {
  const splitter = new JsonArraySplitter(maxItemBytes);
  for await (const chunk of content) yield splitter.push(chunk);
  splitter.end();
}

/** Cuts chunks of text into elements; where chunks are cut does not matter. */
export class JsonArraySplitter {
  #state: State = 'before';
  #depth = 0;
  #inString = false;
  #escaped = false;
  #offset = 0;
  #line = 1;
  #index = 0;
  /** Of the element that is being read: its line, what came in earlier chunks, and how many bytes those were. */
  #elementLine = 1;
  #parts: Buffer[] = [];
  #bytes = 0;

  constructor(private readonly maxItemBytes: number) {}

  push(chunk: Buffer): readonly FileRow[] {
    const rows: FileRow[] = [];
    let start = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at] as number;
      if (byte === NEWLINE) this.#line += 1;
      if (this.#state === 'element') {
        if (!this.#endsElement(byte)) continue;
        rows.push(this.#take(chunk.subarray(start, at)));
        this.#state = byte === COMMA ? 'next' : 'behind';
      } else if (this.#begins(byte, at)) {
        start = at;
        this.#elementLine = this.#line;
        this.#state = 'element';
        // Its first byte may open a string or an object.
        this.#endsElement(byte);
      }
    }
    if (this.#state === 'element') this.#keep(chunk.subarray(start));
    this.#offset += chunk.length;
    return rows;
  }

  end(): void {
    if (this.#state === 'behind') return;
    // Nothing at all is an empty file, not a broken one.
    if (this.#state === 'before') return;
    throw new TesseraError('FILE_TRUNCATED', `The JSON array does not end (line ${this.#line}).`);
  }

  /** Follows one byte of an element; true at the comma or bracket behind it. */
  #endsElement(byte: number): boolean {
    if (this.#inString) {
      if (this.#escaped) this.#escaped = false;
      else if (byte === BACKSLASH) this.#escaped = true;
      else if (byte === QUOTE) this.#inString = false;
    } else if (byte === QUOTE) this.#inString = true;
    else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) this.#depth += 1;
    else if (this.#depth === 0) return byte === COMMA || byte === CLOSE_ARRAY;
    else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) this.#depth -= 1;
    return false;
  }

  /** Outside of elements: true at the first byte of one. */
  #begins(byte: number, at: number): boolean {
    if (SPACES.has(byte)) return false;
    switch (this.#state) {
      case 'before':
        if (byte === OPEN_ARRAY) this.#state = 'first';
        else if (MARK[this.#offset + at] !== byte) throw this.#malformed(at, 'The file is not a JSON array.');
        return false;
      case 'first':
        if (byte === CLOSE_ARRAY) {
          this.#state = 'behind';
          return false;
        }
        if (byte === COMMA) throw this.#malformed(at, 'An element of the array is missing.');
        return true;
      case 'next':
        if (byte === COMMA || byte === CLOSE_ARRAY) throw this.#malformed(at, 'An element of the array is missing.');
        return true;
      default:
        throw this.#malformed(at, 'Something follows the array.');
    }
  }

  #keep(bytes: Buffer): void {
    this.#bytes += bytes.length;
    if (this.#bytes <= this.maxItemBytes) this.#parts.push(bytes);
    else this.#parts = [];
  }

  #take(rest: Buffer): FileRow {
    this.#keep(rest);
    const tooLarge = this.#bytes > this.maxItemBytes;
    const text = Buffer.concat(this.#parts).toString('utf8').trimEnd();
    this.#parts = [];
    this.#bytes = 0;
    this.#depth = 0;
    const index = this.#index++;
    if (!tooLarge) return { index, line: this.#elementLine, text };
    return refusedRow(index, this.#elementLine, 'ITEM_TOO_LARGE', ITEM_LIMIT);
  }

  #malformed(at: number, message: string): TesseraError {
    const offset = this.#offset + at;
    return new TesseraError('FILE_MALFORMED', `${message} (Line ${this.#line}, byte ${offset}.)`, {
      extra: { offset },
    });
  }
}
