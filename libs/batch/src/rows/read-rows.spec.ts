import { gzipSync } from 'node:zlib';

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';

import { shapeOf } from '#catalog';
import { isTesseraError, type JsonObject } from '#core';

import type { FileFormat } from './file-format.js';
import type { FileRow } from './file-row.js';
import { readRows } from './read-rows.js';
import type { StoredFile } from './stored-file.js';

const text = { type: 'string' };
const SHAPE = shapeOf({
  class: 'profile',
  schema: {
    properties: {
      crmId: text,
      name: { type: 'object', properties: { first: text, last: text } },
      age: { type: 'integer' },
      score: { type: 'number' },
      vip: { type: 'boolean' },
      tags: { type: 'array', items: text },
      sizes: { type: 'array', items: { type: 'integer' } },
      notes: { type: 'object', additionalProperties: true },
      'a.b': text,
      born: { type: 'string', format: 'date' },
      seen: { type: 'string', format: 'date-time' },
      lines: { type: 'array', items: { type: 'object', properties: { sku: text, price: { type: 'number' } } } },
    },
  },
});

function stored(bytes: Buffer, chunk = 7): StoredFile {
  return {
    bytes: bytes.length,
    slice: (start, end) => Promise.resolve(new Uint8Array(bytes.subarray(start, end)).buffer),
    async *content() {
      for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk);
    },
  };
}

async function rowsOf(
  format: FileFormat,
  bytes: string | Buffer,
  options: { readonly chunk?: number; readonly delimiter?: string; readonly maxExpandedBytes?: number } = {},
): Promise<FileRow[]> {
  const { chunk, delimiter, maxExpandedBytes = 1_000_000 } = options;
  const file = stored(Buffer.from(bytes), chunk);
  const rows: FileRow[] = [];
  const reading = { format, shape: SHAPE, maxItemBytes: 300, maxExpandedBytes, delimiter };
  for await (const slice of readRows(file, reading)) rows.push(...slice);
  return rows;
}

/** What a file's rows are, short: items parsed, refusals as `line:CODE`. */
async function itemsOf(...args: Parameters<typeof rowsOf>): Promise<(JsonObject | string)[]> {
  return (await rowsOf(...args)).map(({ line, text: json, refusal }) =>
    json === undefined ? `${line}:${refusal.code}` : (JSON.parse(json) as JsonObject),
  );
}

async function codeOf(...args: Parameters<typeof rowsOf>): Promise<string> {
  try {
    await rowsOf(...args);
  } catch (error) {
    return isTesseraError(error) ? error.code : String(error);
  }
  return 'none';
}

describe('CSV', () => {
  it('makes items of cells by what the schema expects at the path of the header', async () => {
    const csv =
      'crmId,name.first,age,score,vip,tags,sizes,notes.x,"[""a.b""]"\r\n' +
      '007,Ona,041,1.50,TRUE,a|b,1|2,7,dot\r\n' +
      '8,,,,0,"[""c""]",[],,\r\n';
    expect(await itemsOf('csv', csv)).toEqual([
      {
        crmId: '007',
        name: { first: 'Ona' },
        age: 41,
        score: 1.5,
        vip: true,
        tags: ['a', 'b'],
        sizes: [1, 2],
        notes: { x: '7' },
        'a.b': 'dot',
      },
      { crmId: '8', vip: false, tags: ['c'], sizes: [] },
    ]);
  });

  it('leaves text that is no such value for the validation to refuse', async () => {
    const rows = await itemsOf('csv', 'crmId,age,score,vip,sizes\n7,many,1e999,maybe,1|x\n');
    expect(rows).toEqual([{ crmId: '7', age: 'many', score: '1e999', vip: 'maybe', sizes: [1, 'x'] }]);
  });

  it('knows the line of every row, over quoted newlines, empty lines and rows that are no CSV', async () => {
    const csv = 'crmId,name.last\n1,"two\nlines"\n\n3,x\n4\n5,a"b"\n7,z\n';
    const rows = await rowsOf('csv', csv);
    expect(rows.map(({ index, line, refusal }) => [index, line, refusal?.code])).toEqual([
      [0, 2, undefined],
      [1, 5, undefined],
      [2, 6, 'MALFORMED_ROW'],
      [3, 7, 'MALFORMED_ROW'],
      [4, 8, undefined],
    ]);
    expect(rows[2]?.refusal?.errors[0]?.message).toBe('has 1 cells where the header has 2');
  });

  it('takes a byte order mark, CRLF, and another delimiter', async () => {
    expect(await itemsOf('csv', '\ufeffcrmId;age\r\n7;1\r\n', { delimiter: ';' })).toEqual([{ crmId: '7', age: 1 }]);
  });

  it('refuses a row that is over the limit of an item', async () => {
    expect(await itemsOf('csv', `crmId\n${'x'.repeat(400)}\n7\n`)).toEqual(['2:ITEM_TOO_LARGE', { crmId: '7' }]);
  });

  it.each([
    ['a column that is not in the schema', 'crmId,shoe\n1,2\n', 'COLUMNS_INVALID'],
    ['a column twice', 'crmId,crmId\n1,2\n', 'COLUMNS_INVALID'],
    ['a column above another', 'notes,notes.x\n1,2\n', 'COLUMNS_INVALID'],
    ['a column without a name', 'crmId,\n1,2\n', 'COLUMNS_INVALID'],
    ['an index in a path', 'tags[0]\nx\n', 'COLUMNS_INVALID'],
    ['a quote that is never closed', 'crmId\n1\n"2\n3\n', 'FILE_TRUNCATED'],
    ['something behind a closing quote', 'crmId\n"2"x\n3\n', 'FILE_MALFORMED'],
    ['Latin-1', Buffer.from('crmId,name.first\n7,Ren\xe9\n', 'latin1'), 'FILE_NOT_UTF8'],
    ['a character that is cut off', Buffer.from('crmId\n7é').subarray(0, -1), 'FILE_NOT_UTF8'],
    ['UTF-16', Buffer.from('\ufeffcrmId\n7\n', 'utf16le'), 'FILE_NOT_UTF8'],
    ['a workbook', Buffer.from('PK\u0003\u0004xxxxxxx'), 'FORMAT_MISMATCH'],
    ['something binary', Buffer.from([1, 2, 3, 0, 5]), 'FORMAT_MISMATCH'],
    ['nothing', '', 'none'],
  ])('with %s is %s', async (_what, bytes, code) => {
    expect(await codeOf('csv', bytes, { chunk: 1_000 })).toBe(code);
  });

  it('says where a file stops being UTF-8', async () => {
    const bytes = Buffer.concat([Buffer.from('crmId\nöl\n'), Buffer.from([0xe9]), Buffer.from('x\n')]);
    await expect(rowsOf('csv', bytes, { chunk: 3 })).rejects.toThrow('at byte 10');
  });
});

describe('a JSON array', () => {
  it('is read element by element, whatever is in strings', async () => {
    const json = '\ufeff [\n {"crmId":"],\\"{"} ,\n\n{"name":{"first":"[é"}},7 , "x"\n]\n';
    const rows = await rowsOf('json', json);
    expect(rows).toEqual([
      { index: 0, line: 2, text: '{"crmId":"],\\"{"}' },
      { index: 1, line: 4, text: '{"name":{"first":"[é"}}' },
      { index: 2, line: 4, text: '7' },
      { index: 3, line: 4, text: '"x"' },
    ]);
  });

  it('refuses an element over the limit alone', async () => {
    expect(await itemsOf('json', `[{"a":1},"${'x'.repeat(400)}",{"b":2}]`)).toEqual([
      { a: 1 },
      '1:ITEM_TOO_LARGE',
      { b: 2 },
    ]);
  });

  it('is the same wherever its chunks are cut', async () => {
    const value = fc.array(fc.jsonValue({ maxDepth: 3 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(value, fc.integer({ min: 1, max: 40 }), async (items, chunk) => {
        const rows = await rowsOf('json', JSON.stringify(items, undefined, 1), { chunk });
        const texts = rows.map((row) => (row.text === undefined ? 'too large' : JSON.stringify(JSON.parse(row.text))));
        const wanted = items.map((item) => JSON.stringify(item, undefined, 1));
        const cut = wanted.map((json, i) =>
          texts[i] === 'too large' ? 'too large' : JSON.stringify(JSON.parse(json)),
        );
        expect(texts).toEqual(cut);
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ['an object', '{"a":1}', 'FILE_MALFORMED'],
    ['nothing behind a comma', '[1,]', 'FILE_MALFORMED'],
    ['nothing before a comma', '[,1]', 'FILE_MALFORMED'],
    ['something behind it', '[1] 2', 'FILE_MALFORMED'],
    ['no end', '[{"a":1}', 'FILE_TRUNCATED'],
    ['no end inside an element', '[{"a":', 'FILE_TRUNCATED'],
    ['CSV instead', 'crmId\n7\n', 'FILE_MALFORMED'],
    ['Parquet instead', Buffer.from('PAR1....PAR1'), 'FORMAT_MISMATCH'],
    ['no elements', ' [ ] ', 'none'],
  ])('with %s is %s', async (_what, bytes, code) => {
    expect(await codeOf('json', bytes)).toBe(code);
  });
});

describe('NDJSON', () => {
  it('refuses lines that are too long or not UTF-8 alone', async () => {
    const lines = Buffer.concat([Buffer.from(`{"a":1}\n${'x'.repeat(400)}\n`), Buffer.from([0xff, 0x0a, 0x37])]);
    const rows = await rowsOf('ndjson', lines);
    expect(rows.map(({ line, refusal }) => [line, refusal?.code])).toEqual([
      [1, undefined],
      [2, 'ITEM_TOO_LARGE'],
      [3, 'INVALID_UTF8'],
      [4, undefined],
    ]);
  });

  it('comes in slices of at most 200 rows', async () => {
    const file = stored(Buffer.from('{}\n'.repeat(450)), 1_000);
    const sizes: number[] = [];
    const reading = { format: 'ndjson', shape: SHAPE, maxItemBytes: 300, maxExpandedBytes: 1_000_000 } as const;
    for await (const slice of readRows(file, reading)) sizes.push(slice.length);
    expect(sizes).toEqual([200, 200, 50]);
  });
});

describe('gzip', () => {
  const json = '{"crmId":"7"}\n{"crmId":"8"}\n';

  it('is recognised by its first bytes in every format of text', async () => {
    expect(await itemsOf('ndjson', gzipSync(json))).toEqual([{ crmId: '7' }, { crmId: '8' }]);
    expect(await itemsOf('csv', gzipSync('crmId\n7\n'))).toEqual([{ crmId: '7' }]);
    expect(await itemsOf('json', gzipSync('[{"crmId":"7"}]'))).toEqual([{ crmId: '7' }]);
  });

  it('that is cut off, broken, or a bomb says so', async () => {
    expect(await codeOf('ndjson', gzipSync(json.repeat(50)).subarray(0, -12))).toBe('FILE_TRUNCATED');
    const broken = gzipSync(json);
    broken.fill(0xff, 10, 14);
    expect(await codeOf('ndjson', broken)).toBe('FILE_MALFORMED');
    const bomb = gzipSync('{}\n'.repeat(1_000_000));
    expect(await codeOf('ndjson', bomb, { maxExpandedBytes: 10_000, chunk: 64 })).toBe('EXPANDED_TOO_LARGE');
  });
});

describe('Parquet', () => {
  it('becomes items: structs, lists, times, integers, text where the schema wants text', async () => {
    const schema = [
      { name: 'root', num_children: 8 },
      { name: 'crmId', type: 'INT64', repetition_type: 'REQUIRED' },
      { name: 'age', type: 'INT64', repetition_type: 'OPTIONAL' },
      { name: 'score', type: 'INT64', repetition_type: 'OPTIONAL', converted_type: 'DECIMAL', scale: 2, precision: 10 },
      { name: 'vip', type: 'BOOLEAN', repetition_type: 'OPTIONAL' },
      { name: 'born', type: 'INT32', repetition_type: 'OPTIONAL', converted_type: 'DATE' },
      {
        name: 'seen',
        type: 'INT64',
        repetition_type: 'OPTIONAL',
        logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
      },
      { name: 'name.first', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL', converted_type: 'UTF8' },
      { name: 'tags', repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST' },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      { name: 'element', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL', converted_type: 'UTF8' },
    ];
    const bytes = parquetWriteBuffer({
      schema: schema as never,
      columnData: [
        { name: 'crmId', data: [7n, 9007199254740993n] },
        { name: 'age', data: [41n, null] },
        { name: 'score', data: [19.99, null] },
        { name: 'vip', data: [true, null] },
        { name: 'born', data: [new Date('1990-02-03T00:00:00Z'), null] },
        { name: 'seen', data: [new Date('2024-05-01T10:00:00.120Z'), null] },
        { name: 'name.first', data: ['Ona', null] },
        { name: 'tags', data: [['a', 'b'], []] },
      ],
    });
    expect(await itemsOf('parquet', Buffer.from(bytes))).toEqual([
      {
        crmId: '7',
        age: 41,
        score: 19.99,
        vip: true,
        born: '1990-02-03',
        seen: '2024-05-01T10:00:00.12Z',
        name: { first: 'Ona' },
        tags: ['a', 'b'],
      },
      { crmId: '9007199254740993', tags: [] },
    ]);
  });

  const numbers = (rows: number, rowGroupSize: number): Buffer =>
    Buffer.from(
      parquetWriteBuffer({
        columnData: [{ name: 'crmId', data: Array.from({ length: rows }, (_, row) => `c-${row}`), type: 'STRING' }],
        rowGroupSize,
      }),
    );

  it('comes in the order of its rows, over row groups and ranges of them', async () => {
    const rows = await rowsOf('parquet', numbers(25_000, 22_000));
    expect(rows.map(({ index, line, text: json }) => [index, line, json])).toEqual(
      Array.from({ length: 25_000 }, (_, row) => [row, row + 1, `{"crmId":"c-${row}"}`]),
    );
  });

  it('that stores what JSON cannot keep is refused by the validation, not rounded', async () => {
    const bytes = parquetWriteBuffer({
      columnData: [
        { name: 'crmId', data: [new Uint8Array([0xff, 0xfe])], type: 'BYTE_ARRAY' },
        { name: 'age', data: [9007199254740993n], type: 'INT64' },
      ],
    });
    const [row] = await itemsOf('parquet', Buffer.from(bytes));
    expect((row as JsonObject)['crmId']).toBe('\ud800');
    expect(Number.isSafeInteger((row as JsonObject)['age'])).toBe(false);
  });

  it.each([
    ['CSV instead', Buffer.from('crmId,age\n7,1\n'), 'FORMAT_MISMATCH'],
    ['its end cut off', numbers(10, 10).subarray(0, -20), 'FILE_TRUNCATED'],
    ['only its marks', Buffer.from('PAR1PAR1'), 'FILE_TRUNCATED'],
    [
      'a broken description',
      Buffer.concat([Buffer.from('PAR1'), Buffer.alloc(20, 0xee), Buffer.from('PAR1')]),
      'FILE_MALFORMED',
    ],
  ])('with %s is %s', async (_what, bytes, code) => {
    expect(await codeOf('parquet', bytes)).toBe(code);
  });

  it('with broken pages says so, and with an unknown column names it', async () => {
    const bytes = numbers(1_000, 1_000);
    bytes.fill(0xee, 4, 60);
    expect(await codeOf('parquet', bytes)).toBe('FILE_MALFORMED');
    const other = parquetWriteBuffer({ columnData: [{ name: 'shoe', data: ['x'] }] });
    expect(await codeOf('parquet', Buffer.from(other))).toBe('COLUMNS_INVALID');
  });

  it('is held to the limit on expanded size by what it says of itself', async () => {
    expect(await codeOf('parquet', numbers(20_000, 20_000), { maxExpandedBytes: 10_000 })).toBe('EXPANDED_TOO_LARGE');
  });
});
