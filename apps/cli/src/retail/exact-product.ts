const DECIMAL = /^(-?)(\d{1,15})(?:\.(\d{1,12}))?$/;
const INTEGER = /^-?\d{1,15}$/;

/**
 * Product of a decimal and a whole number, both as text, computed on integers: `exactProduct('2.55', '6')` is 15.3,
 * where floating point says 15.299999999999999. The answer is the double nearest to the exact decimal, which prints as
 * that decimal. Throws a `RangeError` that names the text that is not a number.
 */
export function exactProduct(decimal: string, whole: string): number {
  const match = DECIMAL.exec(decimal);
  if (!match) throw new RangeError(`"${decimal}" is not a decimal number`);
  if (!INTEGER.test(whole)) throw new RangeError(`"${whole}" is not a whole number`);
  const [, sign = '', integer = '', fraction = ''] = match;
  const product = BigInt(sign + integer + fraction) * BigInt(whole);
  return Number(withPoint(product, fraction.length));
}

/** Decimal text of `digits` / 10^`places`. */
function withPoint(digits: bigint, places: number): string {
  const sign = digits < 0n ? '-' : '';
  const text = String(digits < 0n ? -digits : digits).padStart(places + 1, '0');
  return `${sign}${text.slice(0, text.length - places)}.${text.slice(text.length - places)}`;
}
