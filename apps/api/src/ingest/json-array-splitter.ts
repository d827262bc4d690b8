import { isUtf8 } from 'node:buffer';

import { TesseraError } from '#core';

/** Where an element of the array stands in the body: start inclusive, end exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

const COMMA = 0x2c;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const SPACE_AT_THE_END = /[ \t\r\n]+$/;
const SPACES = new Set([0x20, 0x09, 0x0a, 0x0d]);

/**
 * Finds the elements of a JSON array without reading them: only strings, nesting and commas are followed. The array is
 * valid exactly when this ends without an error and every span is valid JSON, so a body can be read an element at a
 * time. Throws `MALFORMED_BODY` with the offset in bytes.
 */
export function* arrayElements(body: Buffer): Generator<Span> {
  const hasMark = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf;
  let at = skipSpaces(body, hasMark ? 3 : 0);
  if (body[at] !== OPEN_ARRAY) throw malformedBody(at, 'The body is not a JSON array.');
  at = skipSpaces(body, at + 1);
  if (body[at] === CLOSE_ARRAY) {
    expectEnd(body, at + 1);
    return;
  }
  for (;;) {
    const end = endOfElement(body, at);
    if (end === at) throw malformedBody(at, 'An element of the array is missing.');
    yield { start: at, end };
    if (body[end] === undefined) throw malformedBody(end, 'The array does not end.');
    if (body[end] === CLOSE_ARRAY) {
      expectEnd(body, end + 1);
      return;
    }
    at = skipSpaces(body, end + 1);
  }
}

/** The text of an element. Throws `MALFORMED_BODY` where it is not UTF-8. */
export function elementText(body: Buffer, { start, end }: Span): string {
  const bytes = body.subarray(start, end);
  if (!isUtf8(bytes)) throw malformedBody(start, 'An element of the array is not valid UTF-8.');
  return bytes.toString('utf8').replace(SPACE_AT_THE_END, '');
}

export function malformedBody(offset: number, message: string, cause?: unknown): TesseraError {
  return new TesseraError('MALFORMED_BODY', `${message} (At byte ${offset}.)`, { cause, extra: { offset } });
}

/** The comma or bracket behind the element, or the end of the body. */
function endOfElement(body: Buffer, start: number): number {
  let depth = 0;
  for (let at = start; at < body.length; at += 1) {
    const byte = body[at];
    if (byte === QUOTE) at = endOfString(body, at);
    else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) depth += 1;
    else if (depth === 0 && (byte === COMMA || byte === CLOSE_ARRAY)) return at;
    else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) depth -= 1;
  }
  return body.length;
}

function endOfString(body: Buffer, quote: number): number {
  let at = quote + 1;
  while (at < body.length && body[at] !== QUOTE) at += body[at] === BACKSLASH ? 2 : 1;
  return at;
}

function expectEnd(body: Buffer, at: number): void {
  const rest = skipSpaces(body, at);
  if (rest < body.length) throw malformedBody(rest, 'Something follows the array.');
}

function skipSpaces(body: Buffer, from: number): number {
  let at = from;
  while (SPACES.has(body[at] as number)) at += 1;
  return at;
}
