import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { isTesseraError } from '#core';

import { arrayElements, elementText } from './json-array-splitter.js';

function texts(body: string | Buffer): string[] {
  const bytes = Buffer.from(body);
  return [...arrayElements(bytes)].map((span) => elementText(bytes, span));
}

/** What an element-wise reader makes of a text, as `JSON.parse` would: values, or refused. */
function read(text: string): unknown {
  try {
    return texts(text).map((element) => JSON.parse(element) as unknown);
  } catch {
    return 'refused';
  }
}

function readWhole(text: string): unknown {
  try {
    const value = JSON.parse(text) as unknown;
    return Array.isArray(value) ? value : 'refused';
  } catch {
    return 'refused';
  }
}

describe('arrayElements', () => {
  it('keeps the text of each element as it came', () => {
    expect(texts(' [ {"a": "x,]}\\"" , "b":[1,{}]} ,2, [] ] ')).toEqual(['{"a": "x,]}\\"" , "b":[1,{}]}', '2', '[]']);
    expect(texts('\ufeff[]')).toEqual([]);
  });

  it.each(['', '{}', '"x"', '[', '[1', '[1,]', '[,1]', '[1,,2]', '[1]]', '[1] x', '["a]', '["a\\', 'null', '[1}'])(
    'refuses %j, or an element of it does not parse',
    (text) => {
      expect(read(text)).toBe('refused');
    },
  );

  it('says where', () => {
    try {
      texts('[{"a":1},');
      throw new Error('unreachable');
    } catch (error) {
      expect(isTesseraError(error, 'MALFORMED_BODY') && error.extra).toEqual({ offset: 9 });
    }
  });

  it('refuses an element that is not UTF-8', () => {
    expect(() => texts(Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d]))).toThrow(
      expect.objectContaining({ code: 'MALFORMED_BODY' }),
    );
  });

  it('reads what JSON.parse reads, and nothing else', () => {
    const json = fc.jsonValue().map((value) => JSON.stringify(value));
    const mutated = fc
      .tuple(
        fc.array(fc.jsonValue(), { maxLength: 4 }),
        fc.nat(60),
        fc.constantFrom('', ',', ']', '[', '}', '{', '"', ' ', '\\'),
      )
      .map(([value, at, insert]) => {
        const text = JSON.stringify(value);
        return text.slice(0, at) + insert + text.slice(insert === '' ? at + 1 : at);
      });
    fc.assert(
      fc.property(fc.oneof(json, mutated), (text) => {
        expect(read(text)).toEqual(readWhole(text));
      }),
      { numRuns: 3_000 },
    );
  });
});
