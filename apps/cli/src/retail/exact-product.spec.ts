import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { exactProduct } from './exact-product.js';

describe('the exact product of a price and a quantity', () => {
  it.each([
    ['2.55', '6', 15.3],
    ['1.1', '3', 3.3],
    ['0.001', '3', 0.003],
    ['27.5', '-1', -27.5],
    ['-11062.06', '1', -11062.06],
    ['2.08', '-80995', -168469.6],
    ['25', '4', 100],
    ['0', '7', 0],
  ])('%s times %s is %d', (price, quantity, product) => {
    expect(exactProduct(price, quantity)).toBe(product);
  });

  it('prints as the exact decimal, for any price in thousandths', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -99_999_999, max: 99_999_999 }),
        fc.integer({ min: -99_999, max: 99_999 }),
        (thousandths, quantity) => {
          const sign = thousandths < 0 ? '-' : '';
          const digits = String(Math.abs(thousandths)).padStart(4, '0');
          const price = `${sign}${digits.slice(0, -3)}.${digits.slice(-3)}`;

          const product = exactProduct(price, String(quantity));

          // Up to 13 digits a double keeps three decimals, so rounding to thousandths finds the integer again.
          expect(Math.round(product * 1000)).toBe(thousandths * quantity + 0);
          expect(String(product)).toMatch(/^-?\d+(\.\d{1,3})?$/);
        },
      ),
    );
  });

  it.each([
    ['1e3', '1'],
    ['', '1'],
    ['2,55', '1'],
  ])('refuses the price "%s"', (price, quantity) => {
    expect(() => exactProduct(price, quantity)).toThrow(RangeError);
  });

  it.each(['1.5', '', 'six'])('refuses the quantity "%s"', (quantity) => {
    expect(() => exactProduct('2.55', quantity)).toThrow(RangeError);
  });
});
