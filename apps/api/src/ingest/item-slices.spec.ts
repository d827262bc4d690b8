import { Readable } from 'node:stream';

import { describe, expect, it } from '@jest/globals';

import { jsonArraySlices, ndjsonSlices, type Slices } from './item-slices.js';

const LIMIT = 100_000;

async function all(slices: Slices) {
  const gathered = [];
  for await (const slice of slices) gathered.push(slice);
  return gathered;
}

/** A stream that is not one buffer, as requests are not. */
function streamOf(...chunks: readonly (string | Error)[]): Readable {
  return Readable.from(
    (function* () {
      for (const chunk of chunks) {
        if (chunk instanceof Error) throw chunk;
        yield Buffer.from(chunk);
      }
    })(),
    { objectMode: false },
  );
}

describe('ndjsonSlices', () => {
  it('gives some hundred items at a time, in order, wherever chunks end', async () => {
    const lines = Array.from({ length: 1_234 }, (_, i) => `{"n":${i}}`).join('\n');
    const slices = await all(ndjsonSlices(streamOf(lines.slice(0, 5_001), lines.slice(5_001)), LIMIT));
    expect(slices.map((slice) => slice.length)).toEqual([200, 200, 200, 200, 200, 200, 34]);
    expect(slices.flat().map(({ index, text }) => `${index} ${text}`)).toEqual(
      Array.from({ length: 1_234 }, (_, i) => `${i} {"n":${i}}`),
    );
  });

  it('gives fewer when they are large', async () => {
    const line = `{"a":"${'x'.repeat(60_000)}"}\n`;
    const slices = await all(ndjsonSlices(streamOf(line.repeat(10)), LIMIT));
    expect(slices.map((slice) => slice.length)).toEqual([5, 5]);
  });

  it('gives nothing of an empty body, nor of blank lines', async () => {
    expect(await all(ndjsonSlices(streamOf('\n \r\n'), LIMIT))).toEqual([]);
    expect(await all(ndjsonSlices(streamOf(), LIMIT))).toEqual([]);
  });

  it('fails when the body breaks off, without taking the half of a line for an item', async () => {
    const seen: unknown[] = [];
    const reading = (async () => {
      for await (const slice of ndjsonSlices(streamOf('{"a":1}\n'.repeat(500), '{"b":', new Error('aborted')), LIMIT)) {
        seen.push(...slice);
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: 'MALFORMED_BODY' });
    expect(seen).toHaveLength(400);
  });

  it('leaves the body open when the reader leaves early', async () => {
    const body = streamOf('{"a":1}\n'.repeat(500), '{"b":1}\n'.repeat(500));
    for await (const _slice of ndjsonSlices(body, LIMIT)) break;
    expect(body.destroyed).toBe(false);
  });
});

describe('jsonArraySlices', () => {
  it('gives some hundred items at a time, in order', async () => {
    const body = Buffer.from(JSON.stringify(Array.from({ length: 1_001 }, (_, n) => ({ n }))));
    const slices = await all(jsonArraySlices(body, LIMIT));
    expect(slices.map((slice) => slice.length)).toEqual([200, 200, 200, 200, 200, 1]);
    expect(slices.flat()[1_000]).toEqual({ index: 1_000, text: '{"n":1000}' });
  });

  it('refuses an item over its limit alone', async () => {
    const body = Buffer.from(`[{"a":"${'x'.repeat(100)}"},{"b":1}]`);
    expect(await all(jsonArraySlices(body, 50))).toEqual([
      [
        { index: 0, fault: 'ITEM_TOO_LARGE' },
        { index: 1, text: '{"b":1}' },
      ],
    ]);
  });

  it('gives nothing of an array that is broken at its end', async () => {
    const body = Buffer.from(`[${'{"a":1},'.repeat(2_000)}{"b":}]`);
    const seen: unknown[] = [];
    const reading = (async () => {
      for await (const slice of jsonArraySlices(body, LIMIT)) seen.push(slice);
    })();
    await expect(reading).rejects.toMatchObject({ code: 'MALFORMED_BODY', extra: { offset: 16_001 } });
    expect(seen).toEqual([]);
  });
});
