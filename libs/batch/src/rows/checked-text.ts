import { isUtf8 } from 'node:buffer';

import { TesseraError } from '#core';

import { PARQUET_MAGIC, startsWith } from './file-format.js';

const UTF16_MARKS = [Buffer.from([0xff, 0xfe]), Buffer.from([0xfe, 0xff])];
/** A character takes four bytes at most, so at most three of one can be missing. */
const MOST_MISSING = 3;

/**
 * Lets text through, byte for byte, and stops at what is no text. Throws `FORMAT_MISMATCH` for Parquet or an archive,
 * `FILE_NOT_UTF8` with the place of the first byte that cannot be.
 */
export async function* checkedText(content: AsyncIterable<Buffer>, format: string): AsyncGenerator<Buffer> {
  let offset = 0;
  let begun: Buffer = Buffer.alloc(0);
  for await (const chunk of content) {
    if (offset === 0 && begun.length === 0) refuseOthers(chunk, format);
    const bytes = begun.length === 0 ? chunk : Buffer.concat([begun, chunk]);
    const end = bytes.length - unfinished(bytes);
    const whole = bytes.subarray(0, end);
    if (!isUtf8(whole)) throw notUtf8(offset + firstBad(whole));
    begun = bytes.subarray(end);
    offset += end;
    if (end > 0) yield whole;
  }
  if (begun.length > 0) throw notUtf8(offset);
}

function refuseOthers(start: Buffer, format: string): void {
  if (startsWith(start, PARQUET_MAGIC)) throw mismatch(format, 'Parquet');
  if (startsWith(start, Buffer.from('PK\u0003\u0004'))) throw mismatch(format, 'a ZIP archive or a workbook');
  if (UTF16_MARKS.some((mark) => startsWith(start, mark))) {
    throw new TesseraError('FILE_NOT_UTF8', 'The file is UTF-16: save it as UTF-8.');
  }
  // No text has it, and nearly every binary format has one early.
  if (start.subarray(0, 4_096).includes(0)) throw mismatch(format, 'binary');
}

function mismatch(format: string, found: string): TesseraError {
  return new TesseraError('FORMAT_MISMATCH', `The file is not ${format}: it looks like ${found}.`);
}

/** Bytes at the end that may be the beginning of a character. */
function unfinished(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(MOST_MISSING, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] as number;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return back < lengthOf(byte) ? back : 0;
  }
  return 0;
}

function lengthOf(lead: number): number {
  return lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
}

/** By halves: this runs once, for the message. */
function firstBad(bytes: Buffer): number {
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    const part = bytes.subarray(0, middle);
    if (isUtf8(part.subarray(0, part.length - unfinished(part)))) good = middle;
    else bad = middle;
  }
  return good - unfinished(bytes.subarray(0, good));
}

function notUtf8(offset: number): TesseraError {
  return new TesseraError('FILE_NOT_UTF8', `The file is not UTF-8 (at byte ${offset}).`, { extra: { offset } });
}
