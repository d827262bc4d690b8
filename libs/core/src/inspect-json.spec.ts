import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { inspectJson, MAX_DEPTH } from './inspect-json.js';
import type { JsonValue } from './json.js';

const inspectText = (text: string) => inspectJson(JSON.parse(text) as JsonValue);
const nested = (levels: number) => '{"a":'.repeat(levels - 1) + '{}' + '}'.repeat(levels - 1);

describe('inspectJson', () => {
  it('lets sound data pass', () => {
    expect(
      inspectText('{"a":[1,2.5,-9007199254740991,1e-7,"ö😀",true,{"b":{}}],"__proto__":1,"constructor":2}'),
    ).toBeUndefined();
  });

  it.each([
    ['{"a":{"b":null}}', 'NULL_NOT_ALLOWED', 'a.b'],
    ['{"a":[1,null]}', 'NULL_NOT_ALLOWED', 'a[1]'],
    ['{"__proto__":{"x.y":null}}', 'NULL_NOT_ALLOWED', '__proto__["x.y"]'],
    ['{"n":9007199254740992}', 'NUMBER_OUT_OF_RANGE', 'n'],
    ['{"n":-9007199254740993}', 'NUMBER_OUT_OF_RANGE', 'n'],
    ['{"n":1e400}', 'NUMBER_OUT_OF_RANGE', 'n'],
    ['{"s":"a\\ud800b"}', 'INVALID_UTF8', 's'],
    ['{"s":{"\\udc00":1}}', 'INVALID_UTF8', 's.\ufffd'],
    ['null', 'NULL_NOT_ALLOWED', ''],
  ])('refuses %s as %s at %s', (text, code, path) => {
    expect(inspectText(text)).toMatchObject({ code, errors: [{ path, keyword: code }] });
  });

  it('takes the deepest allowed nesting and refuses one level more', () => {
    expect(inspectText(nested(MAX_DEPTH))).toBeUndefined();
    expect(inspectText(nested(MAX_DEPTH + 1))?.code).toBe('ITEM_TOO_DEEP');
  });

  it.each([nested(10_000), '['.repeat(10_000) + ']'.repeat(10_000)])('survives 10,000 levels', (text) => {
    expect(inspectText(text)?.code).toBe('ITEM_TOO_DEEP');
  });

  it('lists at most five errors and takes the code of the first', () => {
    const inspection = inspectText('{"a":1e999,"b":[null,null,null,null,null,null]}');
    expect(inspection?.code).toBe('NUMBER_OUT_OF_RANGE');
    expect(inspection?.errors.map(({ path }) => path)).toEqual(['a', 'b[0]', 'b[1]', 'b[2]', 'b[3]']);
  });

  it('finds a fault exactly when the text of the data shows one', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        const text = JSON.stringify(value);
        const faulty =
          /\bnull\b/.test(text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""')) ||
          /\\ud[89a-f]/.test(text) ||
          hasBigInteger(value);
        expect(inspectJson(value as JsonValue) !== undefined).toBe(faulty);
      }),
      { numRuns: 500 },
    );
  });
});

function hasBigInteger(value: unknown): boolean {
  if (typeof value === 'number') return Number.isInteger(value) && !Number.isSafeInteger(value);
  return typeof value === 'object' && value !== null && Object.values(value).some(hasBigInteger);
}
