import { isUtf8 } from 'node:buffer';

import type { RawItem } from './raw-item.js';

const NEWLINE = 0x0a;
const BYTE_ORDER_MARK = '\ufeff';
const SPACE_AT_THE_ENDS = /^[ \t\r]+|[ \t\r]+$/g;

/**
 * Cuts a stream of bytes into the lines of NDJSON, in memory that is bounded by one chunk and one line: a line over the
 * limit is skipped to its end and reported, never gathered. Where chunks are cut does not matter. Lines may end in CRLF,
 * the last one may lack its end, blank ones are skipped, a byte order mark at the start is ignored.
 */
export class NdjsonSplitter {
  /** Beginning of a line whose end has not come yet. */
  #begun: Buffer[] = [];
  #begunBytes = 0;
  /** Inside a line that is over the limit: its bytes are dropped. */
  #skipping = false;
  #line = 0;
  #index = 0;

  /** `maxLineBytes` counts the line without its line feed. */
  constructor(private readonly maxLineBytes: number) {}

  /** The items that this chunk completes. */
  push(chunk: Buffer): RawItem[] {
    const items: RawItem[] = [];
    const end = chunk.lastIndexOf(NEWLINE);
    if (end < 0) {
      this.#begin(chunk);
      return items;
    }
    let start = 0;
    if (this.#skipping) {
      start = chunk.indexOf(NEWLINE) + 1;
      this.#endSkipped(items);
    }
    if (start <= end) this.#cut(this.#withBegun(chunk.subarray(start, end)), items);
    this.#begin(chunk.subarray(end + 1));
    return items;
  }

  /** The last line, when no line feed ended it. */
  end(): RawItem[] {
    const items: RawItem[] = [];
    if (this.#skipping) this.#endSkipped(items);
    else if (this.#begunBytes > 0) this.#cut(this.#withBegun(Buffer.alloc(0)), items);
    return items;
  }

  #begin(bytes: Buffer): void {
    if (this.#skipping || bytes.length === 0) return;
    this.#begun.push(bytes);
    this.#begunBytes += bytes.length;
    if (this.#begunBytes <= this.maxLineBytes) return;
    this.#skipping = true;
    this.#forgetBegun();
  }

  #withBegun(bytes: Buffer): Buffer {
    if (this.#begunBytes === 0) return bytes;
    const whole = Buffer.concat([...this.#begun, bytes]);
    this.#forgetBegun();
    return whole;
  }

  #forgetBegun(): void {
    this.#begun = [];
    this.#begunBytes = 0;
  }

  #endSkipped(items: RawItem[]): void {
    this.#skipping = false;
    this.#line += 1;
    this.#refuse(items, 'ITEM_TOO_LARGE');
  }

  /** Whole lines with line feeds between them. Checked and decoded in one go where they are all valid. */
  #cut(bytes: Buffer, items: RawItem[]): void {
    if (isUtf8(bytes)) {
      for (const text of bytes.toString('utf8').split('\n')) this.#take(text, items);
      return;
    }
    for (let start = 0; start <= bytes.length;) {
      const feed = bytes.indexOf(NEWLINE, start);
      const end = feed < 0 ? bytes.length : feed;
      const line = bytes.subarray(start, end);
      if (isUtf8(line)) {
        this.#take(line.toString('utf8'), items);
      } else {
        this.#line += 1;
        this.#refuse(items, line.length > this.maxLineBytes ? 'ITEM_TOO_LARGE' : 'INVALID_UTF8');
      }
      start = end + 1;
    }
  }

  #take(line: string, items: RawItem[]): void {
    this.#line += 1;
    // A UTF-16 unit takes three bytes at most, so most lines need not be measured.
    if (line.length * 3 > this.maxLineBytes && Buffer.byteLength(line) > this.maxLineBytes) {
      this.#refuse(items, 'ITEM_TOO_LARGE');
      return;
    }
    const unmarked = this.#line === 1 && line.startsWith(BYTE_ORDER_MARK) ? line.slice(1) : line;
    const text =
      unmarked.endsWith('}') && unmarked.startsWith('{') ? unmarked : unmarked.replace(SPACE_AT_THE_ENDS, '');
    if (text !== '') items.push({ index: this.#index++, line: this.#line, text });
  }

  #refuse(items: RawItem[], fault: 'ITEM_TOO_LARGE' | 'INVALID_UTF8'): void {
    items.push({ index: this.#index++, line: this.#line, fault });
  }
}
