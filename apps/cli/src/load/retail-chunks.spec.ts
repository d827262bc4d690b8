import { describe, expect, it } from '@jest/globals';
import type { LoadStep } from './chunk.js';
import { csvRows, retailChunks } from './retail-chunks.js';

const HEADER = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country';
const purchase = (invoice: number): string => `${invoice},A,"a, b",1,2010-12-01 08:26:00,2.55,17850,France`;

async function* bytes(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}

async function all<T>(iterable: AsyncIterable<T>): Promise<readonly T[]> {
  const list: T[] = [];
  for await (const one of iterable) list.push(one);
  return list;
}

const stepsOf = (
  text: string,
  options: { itemsPerChunk: number; dataset?: 'customers' },
): Promise<readonly LoadStep[]> => all(retailChunks(bytes(text), options));

describe('the rows of a CSV file', () => {
  it('have the line that they begin in, after empty lines and cells of several lines too', async () => {
    const rows = await all(csvRows(bytes('a,b\n\n"1\n2",x\n3,y\n')));

    expect(rows).toEqual([
      { line: 1, cells: ['a', 'b'] },
      { line: 3, cells: ['1\n2', 'x'] },
      { line: 5, cells: ['3', 'y'] },
    ]);
  });

  it('are refused as a whole when quotes are broken', async () => {
    await expect(all(csvRows(bytes('a,b\n"1"2,x\n')))).rejects.toThrow('the file is not CSV');
  });
});

describe('the retail file in chunks', () => {
  it('has a chunk per dataset, purchases as they fill up and customers last', async () => {
    const text = [HEADER, purchase(1), `C${purchase(2)}`, purchase(3), purchase(4), ''].join('\n');

    const steps = await stepsOf(text, { itemsPerChunk: 2 });

    const chunks = steps.map((step) => (step.step === 'chunk' ? step.chunk : undefined));
    expect(chunks.map((chunk) => [chunk?.dataset, chunk?.kind, chunk?.number, chunk?.items])).toEqual([
      ['purchases', 'events', 0, 2],
      ['purchases', 'events', 1, 1],
      ['cancellations', 'events', 0, 1],
      ['customers', 'records', 0, 1],
    ]);
    expect(chunks[0]?.body.toString()).toMatch(/^\{"_id":"1-1".*\}\n\{"_id":"3-1".*\}\n$/);
  });

  it('tells the line of the CSV, where there is one', async () => {
    const steps = await stepsOf([HEADER, `C${purchase(1)}`, purchase(2), purchase(3)].join('\n'), {
      itemsPerChunk: 10,
    });

    const lines = steps.map((step) => (step.step === 'chunk' ? [step.chunk.dataset, step.chunk.fileLine(1)] : []));
    expect(lines).toEqual([
      ['cancellations', 2],
      ['purchases', 3],
      ['customers', undefined],
    ]);
  });

  it('names the rows that are no items and goes on', async () => {
    const steps = await stepsOf([HEADER, 'nonsense', purchase(1)].join('\n'), { itemsPerChunk: 10 });

    expect(steps[0]).toMatchObject({ step: 'refused', line: 2, code: 'MALFORMED_ROW' });
    expect(steps).toHaveLength(3);
  });

  it('keeps to one dataset when asked', async () => {
    const steps = await stepsOf([HEADER, purchase(1)].join('\n'), { itemsPerChunk: 10, dataset: 'customers' });

    expect(steps.map((step) => step.step === 'chunk' && step.chunk.dataset)).toEqual(['customers']);
  });
});
