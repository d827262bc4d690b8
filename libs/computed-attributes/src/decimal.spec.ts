import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { addDecimals, decimalAnswer, decimalOf, decimalText, divideDecimal, ZERO, type Decimal } from './decimal.js';

const sum = (...numbers: readonly number[]): Decimal => numbers.map(decimalOf).reduce(addDecimals, ZERO);

describe('decimals', () => {
  it.each([
    [0.1, '0.1'],
    [-0, '0'],
    [15.3, '15.3'],
    [-1234.5678, '-1234.5678'],
    [1e21, '1000000000000000000000'],
    [1e-7, '0.0000001'],
    [-2.5e-9, '-0.0000000025'],
    [123456789.123456, '123456789.123456'],
    [9007199254740991, '9007199254740991'],
    [5e-324, `0.${'0'.repeat(323)}5`],
  ])('reads %p as the digits that JSON writes', (number, text) => {
    expect(decimalText(decimalOf(number))).toBe(text);
  });

  it('are read back as the number that they were made of', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
        expect(Number(decimalText(decimalOf(number)))).toBe(number + 0);
      }),
      { numRuns: 1_000 },
    );
  });

  it('add up exactly, whatever the order', () => {
    expect(sum(0.1, 0.2)).toEqual(decimalOf(0.3));
    expect(sum(1e21, 1e-7, -1e21)).toEqual(decimalOf(1e-7));
    fc.assert(
      fc.property(
        fc
          .array(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 8 })
          .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
        ([all, shuffled]) => {
          expect(sum(...all)).toEqual(sum(...shuffled));
        },
      ),
    );
  });

  it('are answered as numbers while those are exact', () => {
    expect(decimalAnswer(sum(0.1, 0.2))).toBe(0.3);
    expect(decimalAnswer(sum(9007199254740991, 1))).toBe('9007199254740992');
    expect(decimalAnswer(sum(9007199254740991, 9007199254740991))).toBe('18014398509481982');
    expect(decimalAnswer(sum(9007199254740991, 0.25))).toBe('9007199254740991.25');
    expect(decimalAnswer(sum(-9007199254740991, -2))).toBe('-9007199254740993');
    expect(decimalAnswer(sum(123456789012, 0.123456789))).toBe('123456789012.123456789');
    expect(decimalAnswer(sum(1e-7))).toBe(1e-7);
  });

  it.each([
    [sum(1), 3, 0.333333333333333],
    [sum(2), 3, 0.666666666666667],
    [sum(-2), 3, -0.666666666666667],
    [sum(0.1, 0.2), 2, 0.15],
    [sum(1e21), 4, 2.5e20],
    [sum(999999999999999), 1, 999999999999999],
    [sum(1e15, -0.5), 1, 1e15],
    [ZERO, 7, 0],
  ])('%p divided by %p is %p', (decimal, count, quotient) => {
    expect(divideDecimal(decimal, count)).toBe(quotient);
  });
});
