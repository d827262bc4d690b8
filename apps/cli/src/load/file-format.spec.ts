import { describe, expect, it } from '@jest/globals';
import { delimiterOfName, formatOfName } from './file-format.js';

describe('the format of a file', () => {
  it.each([
    ['orders.ndjson', 'ndjson'],
    ['orders.jsonl.gz', 'ndjson'],
    ['-', 'ndjson'],
    ['a.csv/orders', 'ndjson'],
    ['ORDERS.CSV.GZ', 'csv'],
    ['orders.tsv', 'csv'],
    ['orders.2024.json', 'json'],
    ['orders.parquet', 'parquet'],
  ])('of the name %s is %s', (name, format) => {
    expect(formatOfName(name)).toBe(format);
  });

  it('says what stands between two cells', () => {
    expect(delimiterOfName('orders.tsv.gz')).toBe('tab');
    expect(delimiterOfName('orders.csv')).toBeUndefined();
  });
});
