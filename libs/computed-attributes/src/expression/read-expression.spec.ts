import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { readExpression } from './read-expression.js';

const definitionOf = (text: string) => {
  const reading = readExpression(text);
  if ('fault' in reading) throw new Error(reading.fault.message);
  return reading.definition;
};
const faultOf = (text: string) => {
  const reading = readExpression(text);
  if ('definition' in reading) throw new Error(`${text} was read`);
  return reading.fault;
};

const SPEND =
  'xEvent[eventType = "commerce.purchases" and (timestamp occurs <= 7 days before now)].sum(commerce.order.priceTotal)';

describe('an expression', () => {
  it('becomes the structured form', () => {
    expect(definitionOf(SPEND)).toEqual({
      aggregate: 'SUM',
      path: 'commerce.order.priceTotal',
      where: { path: 'eventType', op: '=', value: 'commerce.purchases' },
      window: { count: 7, unit: 'DAYS' },
    });
  });

  it.each([
    ['xEvent.count()', { aggregate: 'COUNT' }],
    ['xEvent.count(items[*])', { aggregate: 'COUNT', path: 'items[*]' }],
    ['xEvent.list(items[0].sku, 5)', { aggregate: 'LIST', path: 'items[0].sku', limit: 5 }],
    ['xEvent.average(order["a.b"].count)', { aggregate: 'AVG', path: 'order["a.b"].count' }],
    ['xEvent.mostRecent(web.url)', { aggregate: 'MOST_RECENT', path: 'web.url' }],
    ['xEvent.first(total)', { aggregate: 'FIRST', path: 'total' }],
    ['xEvent.countDistinct(sku)', { aggregate: 'COUNT_DISTINCT', path: 'sku' }],
    [
      'xEvent[timestamp occurs <= 1 month before now].min(total)',
      { aggregate: 'MIN', path: 'total', window: { count: 1, unit: 'MONTHS' } },
    ],
    [
      'xEvent[a in ["x", "y"] or not (b exists) and c >= -1.5e3].max(total)',
      {
        aggregate: 'MAX',
        path: 'total',
        where: {
          or: [
            { path: 'a', op: 'in', value: ['x', 'y'] },
            { and: [{ not: { path: 'b', op: 'exists' } }, { path: 'c', op: '>=', value: -1500 }] },
          ],
        },
      },
    ],
    [
      'xEvent[items[*].sku contains "a\\"b"].sum(items[sku != "c" and gift = true].price)',
      {
        aggregate: 'SUM',
        path: 'items[*].price',
        where: { path: 'items[*].sku', op: 'contains', value: 'a"b' },
        elements: {
          path: 'items[*]',
          where: {
            and: [
              { path: 'sku', op: '!=', value: 'c' },
              { path: 'gift', op: '=', value: true },
            ],
          },
        },
      },
    ],
  ])('%s', (text, definition) => {
    expect(definitionOf(text)).toEqual(definition);
  });

  it('says where it stops to be one, and what could stand there', () => {
    expect(faultOf('xEvent[eventType = "a" foo].count()')).toEqual({
      message: 'expected "and", "or" or "]", but found foo',
      offset: 23,
      line: 1,
      column: 24,
      expected: ['"and"', '"or"', '"]"'],
    });
    expect(faultOf('xEvent[a =\n  ].count()')).toMatchObject({
      line: 2,
      column: 3,
      expected: ['a text in quotes', 'a number', '"true"', '"false"'],
    });
    expect(faultOf('')).toMatchObject({ offset: 0, line: 1, column: 1, expected: ['"xEvent"'] });
    expect(faultOf('xEvent.count() x')).toMatchObject({ offset: 15, expected: ['the end'] });
  });

  it.each([
    ['xEvent[a = "b].count()', 11, 'a text in quotes does not end'],
    ['xEvent[a ~ 1].count()', 9, 'there is no sign "~"'],
    ['xEvent.median(a)', 7, 'there is no function median'],
    ['xEvent.sum()', 7, 'sum needs a path'],
    ['xEvent.sum(a, 3)', 14, 'only list takes a number'],
    ['xEvent.list(a, 101)', 15, 'must be an integer from 1 to 100'],
    ['xEvent[timestamp occurs <= 25 hours before now].count()', 27, 'must be an integer from 1 to 24 for HOURS'],
    ['xEvent[timestamp occurs <= 0 days before now].count()', 27, 'must be an integer from 1 to 7 for DAYS'],
    ['xEvent[a = 1 or timestamp occurs <= 1 day before now].count()', 26, 'stands beside the other conditions'],
    ['xEvent[due occurs <= 1 day before now].count()', 11, 'only timestamp occurs'],
    [
      'xEvent[timestamp occurs <= 1 day before now and timestamp occurs <= 2 days before now].count()',
      58,
      'one look-back only',
    ],
    ['xEvent[items[sku = "a"].price > 1].count()', 12, 'in the path of the function only'],
    ['xEvent.sum(a[b = 1].c[d = 2].e)', 21, 'once only'],
    ['xEvent.sum(a[1.5])', 13, 'an index is an integer'],
  ])('%s is refused at %p: %s', (text, offset, message) => {
    const fault = faultOf(text);
    expect(fault.message).toContain(message);
    expect(fault.offset).toBe(offset);
  });

  it('is refused wherever it is cut off', () => {
    for (let length = 0; length < SPEND.length; length += 1) {
      expect(faultOf(SPEND.slice(0, length)).offset).toBeLessThanOrEqual(length);
    }
  });

  it('has a length', () => {
    const long = `xEvent[${Array.from({ length: 700 }, () => 'a = 1').join(' and ')}].count()`;
    expect(faultOf(long.padEnd(10_000)).message).toContain('longer than 4000 characters');
  });

  it('has a depth', () => {
    const deep = (open: string, close: string) => `xEvent[${open.repeat(1_000)}a = 1${close.repeat(1_000)}].count()`;
    expect(faultOf(deep('(', ')'))).toMatchObject({ message: 'nests deeper than 32 levels', offset: 38 });
    expect(faultOf(`xEvent[${'not '.repeat(900)}a = 1].count()`).message).toContain('nests deeper');
    expect(definitionOf(`xEvent[${'('.repeat(30)}a = 1${')'.repeat(30)}].count()`)).toBeDefined();
  });

  it('has so many comparisons', () => {
    const many = Array.from({ length: 101 }, () => 'a = 1').join(' or ');
    expect(faultOf(`xEvent[${many}].count()`).message).toContain('more than 100 comparisons');
  });

  it('is read or refused, whatever it is, and never slow', () => {
    const words = fc.constantFrom(
      ...['xEvent', '[', ']', '(', ')', '.', ',', '*', '=', '<=', 'and', 'or', 'not', 'in', 'exists', 'occurs'],
      ...['before', 'now', 'days', 'sum', 'count', 'a', 'timestamp', '"t"', '3', '-1.5', 'true', '"', '\n', 'é'],
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 40 }), (all) => {
        const reading = readExpression(all.join(' '));
        expect('fault' in reading || 'definition' in reading).toBe(true);
      }),
      { numRuns: 2_000 },
    );
    const long = `xEvent[${Array.from({ length: 90 }, (_, i) => `(a${i} = 1 or b = "x")`).join(' and ')} foo].count()`;
    const start = performance.now();
    expect(faultOf(long).expected).toContain('"and"');
    expect(performance.now() - start).toBeLessThan(2_000);
  });
});
