import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { NdjsonSplitter } from './ndjson-splitter.js';
import type { RawItem } from './raw-item.js';

const LIMIT = 20;

function split(chunks: readonly (string | Buffer)[], limit = LIMIT): RawItem[] {
  const splitter = new NdjsonSplitter(limit);
  return [...chunks.flatMap((chunk) => splitter.push(Buffer.from(chunk))), ...splitter.end()];
}

describe('NdjsonSplitter', () => {
  it('numbers items from 0 and lines from 1, skipping blank lines', () => {
    expect(split(['{"a":1}\n\n  \r\n{"a":2}\n'])).toEqual([
      { index: 0, line: 1, text: '{"a":1}' },
      { index: 1, line: 4, text: '{"a":2}' },
    ]);
  });

  it.each<[string, readonly (string | Buffer)[]]>([
    ['CRLF', ['{"a":1}\r\n{"a":2}\r\n']],
    ['a last line without its end', ['{"a":1}\n{"a":2}']],
    ['a byte order mark', ['\ufeff{"a":1}\n{"a":2}\n']],
    ['a byte order mark cut in two', [Buffer.from([0xef, 0xbb]), Buffer.from([0xbf]), '{"a":1}\n{"a":2}']],
    ['space around items', [' \t{"a":1} \n{"a":2}\t\n']],
  ])('reads %s', (_name, chunks) => {
    expect(split(chunks).map(({ text }) => text)).toEqual(['{"a":1}', '{"a":2}']);
  });

  it('refuses a line that is not UTF-8 and goes on', () => {
    const items = split([
      Buffer.concat([Buffer.from('{"a":1}\n{"b":"'), Buffer.from([0xff]), Buffer.from('"}\n{"c":1}')]),
    ]);
    expect(items).toEqual([
      { index: 0, line: 1, text: '{"a":1}' },
      { index: 1, line: 2, fault: 'INVALID_UTF8' },
      { index: 2, line: 3, text: '{"c":1}' },
    ]);
  });

  it('takes a line at the limit and refuses one byte more, measured in bytes', () => {
    const atLimit = `{"a":"${'é'.repeat(6)}"}`;
    expect(Buffer.byteLength(atLimit)).toBe(LIMIT);
    expect(split([`${atLimit}\n`])).toMatchObject([{ text: atLimit }]);
    expect(split([` ${atLimit}\n`])).toMatchObject([{ fault: 'ITEM_TOO_LARGE', line: 1 }]);
  });

  it('takes a line at the limit also when its end comes in the next chunk', () => {
    const atLimit = `{"a":"${'x'.repeat(12)}"}`;
    expect(split([atLimit, '\n'])).toEqual([{ index: 0, line: 1, text: atLimit }]);
    expect(split([atLimit, ' \n'])).toEqual([{ index: 0, line: 1, fault: 'ITEM_TOO_LARGE' }]);
  });

  it('skips a long line over many chunks and reports it once, with its number', () => {
    const chunks = ['{"a":1}\n{"b":"', ...Array.from({ length: 1_000 }, () => 'xxxxxxxxxx'), '"}\n{"c":1}\n'];
    expect(split(chunks)).toEqual([
      { index: 0, line: 1, text: '{"a":1}' },
      { index: 1, line: 2, fault: 'ITEM_TOO_LARGE' },
      { index: 2, line: 3, text: '{"c":1}' },
    ]);
    expect(split(['x'.repeat(15), 'x'.repeat(15)])).toEqual([{ index: 0, line: 1, fault: 'ITEM_TOO_LARGE' }]);
  });

  it('gives the same items wherever chunks are cut', () => {
    const part = fc.constantFrom(
      '{"a":"é😀"}',
      '\n',
      '\r\n',
      ' ',
      '\n\n',
      'x'.repeat(25),
      Buffer.from([0xc3]),
      Buffer.from([0xf0, 0x9f]),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 20 }), fc.array(fc.nat(200), { maxLength: 8 }), (parts, cuts) => {
        const bytes = Buffer.concat(parts.map((one) => Buffer.from(one)));
        const edges = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
        const chunks = edges.slice(1).map((edge, i) => bytes.subarray(edges[i], edge));
        expect(split(chunks)).toEqual(split([bytes]));
      }),
      { numRuns: 1_000 },
    );
  });
});
