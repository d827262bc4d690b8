import { describe, expect, it } from '@jest/globals';
import { type CsvRow, type RetailItem, retailItems } from './retail-items.js';
import { RETAIL_COLUMNS } from './retail-row.js';

const row = (line: number, text: string): CsvRow => ({ line, cells: text.split('|') });

/** Everything that the rows become, events first. */
function itemsOf(...rows: readonly CsvRow[]): readonly RetailItem[] {
  const items = retailItems();
  return [...rows.map(items.event).filter((item) => item !== undefined), ...items.customers()];
}

/** The items of one dataset, parsed. */
function datasetOf(items: readonly RetailItem[], dataset: string): readonly unknown[] {
  return items.flatMap((item) =>
    'dataset' in item && item.dataset === dataset ? [JSON.parse(item.text) as unknown] : [],
  );
}

describe('the retail file as items', () => {
  it('makes a purchase of an invoice line', () => {
    const items = itemsOf(
      row(1, RETAIL_COLUMNS.join('|')),
      row(2, '536365|85123A|WHITE HANGING HEART T-LIGHT HOLDER|6|2010-12-01 08:26:00|2.55|17850|United Kingdom'),
    );

    expect(items[0]).toEqual({
      line: 2,
      dataset: 'purchases',
      text: JSON.stringify({
        _id: '536365-1',
        timestamp: '2010-12-01T08:26:00Z',
        eventType: 'commerce.purchases',
        customerId: '17850',
        sku: '85123A',
        name: 'WHITE HANGING HEART T-LIGHT HOLDER',
        quantity: 6,
        unitPrice: 2.55,
        priceTotal: 15.3,
      }),
    });
  });

  it('makes a record of each customer: since the first invoice, in the country of the latest', () => {
    const items = itemsOf(
      row(2, '1|A|a|1|2010-12-01 08:26:00|1|12431|Belgium'),
      row(3, '2|A|a|1|2010-12-02 10:00:00|1|17850|United Kingdom'),
      row(4, '3|A|a|1|2011-12-01 11:51:00|1|12431|Australia'),
      row(5, '4|A|a|1|2011-01-01 00:00:00|1|12431|Belgium'),
    );

    expect(datasetOf(items, 'customers')).toEqual([
      {
        $messageId: '12431@2011-12-01T11:51:00Z',
        customerId: '12431',
        country: 'Australia',
        customerSince: '2010-12-01T08:26:00Z',
      },
      {
        $messageId: '17850@2010-12-02T10:00:00Z',
        customerId: '17850',
        country: 'United Kingdom',
        customerSince: '2010-12-02T10:00:00Z',
      },
    ]);
  });

  it('puts invoices that begin with C among the cancellations, with their negative totals', () => {
    const items = itemsOf(row(2, 'C536391|22556|PLASTERS|-12|2010-12-01 10:24:00|1.65|17548|United Kingdom'));

    expect(datasetOf(items, 'cancellations')).toMatchObject([
      { _id: 'C536391-1', eventType: 'commerce.cancellations', quantity: -12, priceTotal: -19.8 },
    ]);
    expect(datasetOf(items, 'purchases')).toEqual([]);
  });

  it.each(['NA', ''])('gives a row whose customer is "%s" to its basket', (customer) => {
    const items = itemsOf(row(2, `536414|22139|NA|56|2010-12-01 11:52:00|0|${customer}|United Kingdom`));

    expect(datasetOf(items, 'purchases')).toEqual([
      {
        _id: '536414-1',
        timestamp: '2010-12-01T11:52:00Z',
        eventType: 'commerce.purchases',
        identityMap: { BASKET: [{ id: '536414', primary: true }] },
        sku: '22139',
        quantity: 56,
        unitPrice: 0,
        priceTotal: 0,
      },
    ]);
    expect(datasetOf(items, 'customers')).toEqual([]);
  });

  it('numbers the lines of an invoice, equal rows and scattered rows included', () => {
    const line = '2010-12-01 08:26:00|1|17850|France';
    const items = itemsOf(
      row(2, `1|A|a|1|${line}`),
      row(3, `1|A|a|1|${line}`),
      row(4, `2|A|a|1|${line}`),
      row(5, `1|A|a|1|${line}`),
    );

    const ids = datasetOf(items, 'purchases').map((event) => (event as { _id: string })._id);
    expect(ids).toEqual(['1-1', '1-2', '2-1', '1-3']);
  });

  it.each([
    ['too few cells', '536365|85123A', 'a row has 8 cells, this one has 2'],
    ['a bad date', '1|A|a|1|12/1/2010 8:26|1|17850|France', 'InvoiceDate "12/1/2010 8:26" is not of the form'],
    ['a bad quantity', '1|A|a|six|2010-12-01 08:26:00|1|17850|France', '"six" is not a whole number'],
    ['a bad price', '1|A|a|1|2010-12-01 08:26:00|free|17850|France', '"free" is not a decimal number'],
  ])('says of a row with %s what is wrong and goes on', (_what, bad, problem) => {
    const items = itemsOf(row(2, bad), row(3, '2|A|a|1|2010-12-01 08:26:00|1|17850|France'));

    expect(items[0]).toEqual({ line: 2, problem: expect.stringContaining(problem) });
    expect(datasetOf(items, 'purchases')).toHaveLength(1);
  });
});
