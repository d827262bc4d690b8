import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Chunk, LoadStep } from './chunk.js';
import { ndjsonChunks } from './ndjson-chunks.js';

async function* buffersOf(...texts: readonly string[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(text);
}

async function chunksOf(texts: readonly string[], itemsPerChunk: number): Promise<readonly Chunk[]> {
  const chunks: Chunk[] = [];
  const steps: AsyncIterable<LoadStep> = ndjsonChunks(buffersOf(...texts), {
    dataset: 'crm',
    kind: 'records',
    itemsPerChunk,
  });
  for await (const step of steps) if (step.step === 'chunk') chunks.push(step.chunk);
  return chunks;
}

describe('NDJSON in chunks', () => {
  it('cuts after so many lines, whatever the buffers', async () => {
    const chunks = await chunksOf(['{"a":1}\n{"a"', ':2}\n{"a":3}\n'], 2);

    expect(chunks.map(({ number, items, body }) => ({ number, items, body: body.toString() }))).toEqual([
      { number: 0, items: 2, body: '{"a":1}\n{"a":2}\n' },
      { number: 1, items: 1, body: '{"a":3}\n' },
    ]);
  });

  it('tells the line of the file, empty lines counted', async () => {
    const [, second] = await chunksOf(['1\n\n3\n4\n5'], 3);

    expect(second?.fileLine(2)).toBe(5);
  });

  it('takes a last line without its end', async () => {
    const chunks = await chunksOf(['1\n2'], 10);

    expect(chunks.map(({ items, body }) => [items, body.toString()])).toEqual([[2, '1\n2']]);
  });

  it('makes nothing of an empty file', async () => {
    expect(await chunksOf([''], 10)).toEqual([]);
  });

  it('ends a chunk of large lines early', async () => {
    const line = `"${'x'.repeat(1024 * 1024)}"\n`;

    const chunks = await chunksOf([line.repeat(10)], 1000);

    expect(chunks.map(({ items }) => items)).toEqual([4, 4, 2]);
  });

  it('refuses a line without an end', async () => {
    const megabyte = 'x'.repeat(1024 * 1024);

    await expect(chunksOf(['{}\n', ...new Array<string>(33).fill(megabyte)], 10)).rejects.toThrow(
      'line 2 is over 32 MB',
    );
  });

  it('loses and repeats no byte, and cuts at the same places, however the stream is cut', async () => {
    const lines = fc.array(fc.string({ maxLength: 6 }).map((text) => text.replaceAll('\n', '')));
    await fc.assert(
      fc.asyncProperty(
        lines,
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.nat(), { maxLength: 5 }),
        async (texts, size, cuts) => {
          const whole = texts.map((text) => `${text}\n`).join('');
          const places = [0, ...cuts.map((cut) => cut % (whole.length + 1)).sort((a, b) => a - b), whole.length];
          const pieces = places.slice(1).map((place, index) => whole.slice(places[index], place));

          const chunks = await chunksOf(pieces, size);

          expect(chunks.map(({ body }) => body.toString()).join('')).toBe(whole);
          expect(chunks.map(({ items }) => items)).toEqual((await chunksOf([whole], size)).map(({ items }) => items));
        },
      ),
    );
  });
});
