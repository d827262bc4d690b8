import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { MAX_ITEM_BYTES, NdjsonSplitter, type RawItem } from '#batch';
import { TesseraError } from '#core';

import { arrayElements, elementText, malformedBody, type Span } from './json-array-splitter.js';

/**
 * Items that are worked on without letting anybody else in: at some 15 microseconds each, two requests hold lookups up
 * for 6 ms a turn. Under saturated ingest 500 made the median lookup wait ten times as long (docs/benchmarks.md); fewer
 * make a commit of the log dearer per item.
 */
const SLICE_ITEMS = 200;
/** The same bound for large items. */
const SLICE_BYTES = 256 * 1024;

/** The items of a request, some hundred at a time. */
export type Slices = AsyncIterable<readonly RawItem[]>;

/** `body`: a JSON array as a whole, or NDJSON as it comes. Iterating throws `MALFORMED_BODY`. */
export function itemSlices(body: Buffer | Readable, kind: keyof typeof MAX_ITEM_BYTES): Slices {
  const maxBytes = MAX_ITEM_BYTES[kind];
  return body instanceof Readable ? ndjsonSlices(body, maxBytes) : jsonArraySlices(body, maxBytes);
}

/** Items of NDJSON as they come in, in memory that does not grow with the body. Throws `MALFORMED_BODY` when it breaks off. */
export async function* ndjsonSlices(body: Readable, maxLineBytes: number): AsyncGenerator<readonly RawItem[]> {
  const splitter = new NdjsonSplitter(maxLineBytes);
  const gathered = new Gathered();
  for await (const chunk of chunksOf(body)) yield* gathered.add(splitter.push(chunk));
  yield* gathered.add(splitter.end());
  yield* gathered.rest();
}

async function* chunksOf(body: Readable): AsyncGenerator<Buffer> {
  try {
    // Leaving early must not destroy the request: its answer goes out over the same socket.
    for await (const chunk of body.iterator({ destroyOnReturn: false })) yield chunk as Buffer;
  } catch (cause) {
    throw new TesseraError('MALFORMED_BODY', 'The body broke off or could not be decompressed.', { cause });
  }
}

/** Items that wait until a slice is full. */
class Gathered {
  #items: RawItem[] = [];
  #characters = 0;

  *add(items: readonly RawItem[]): Generator<readonly RawItem[]> {
    for (const item of items) {
      this.#items.push(item);
      this.#characters += item.text?.length ?? 0;
      if (this.#items.length >= SLICE_ITEMS || this.#characters >= SLICE_BYTES) yield* this.rest();
    }
  }

  *rest(): Generator<readonly RawItem[]> {
    if (this.#items.length === 0) return;
    yield this.#items;
    this.#items = [];
    this.#characters = 0;
  }
}

/** Items of a JSON array. Reads all of it before the first slice: throws `MALFORMED_BODY` when it is no array of JSON. */
export async function* jsonArraySlices(body: Buffer, maxItemBytes: number): AsyncGenerator<readonly RawItem[]> {
  for await (const spans of slicesOfSpans(body)) for (const span of spans) checkJson(body, span);
  let index = 0;
  for await (const spans of slicesOfSpans(body)) yield spans.map((span) => itemOf(body, span, index++, maxItemBytes));
}

async function* slicesOfSpans(body: Buffer): AsyncGenerator<readonly Span[]> {
  let spans: Span[] = [];
  let bytes = 0;
  for (const span of arrayElements(body)) {
    spans.push(span);
    bytes += span.end - span.start;
    if (spans.length < SLICE_ITEMS && bytes < SLICE_BYTES) continue;
    yield spans;
    spans = [];
    bytes = 0;
    await nextTurn();
  }
  if (spans.length > 0) yield spans;
}

function checkJson(body: Buffer, span: Span): void {
  const text = elementText(body, span);
  try {
    JSON.parse(text);
  } catch (cause) {
    throw malformedBody(span.start, 'An element of the array is not valid JSON.', cause);
  }
}

function itemOf(body: Buffer, span: Span, index: number, maxItemBytes: number): RawItem {
  if (span.end - span.start > maxItemBytes) return { index, fault: 'ITEM_TOO_LARGE' };
  return { index, text: elementText(body, span) };
}
