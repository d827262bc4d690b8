/**
 * An exact decimal number as JSON keeps it: digits x 10^-scale. The digits are a number while they are a safe integer,
 * which they nearly always are, and a text of digits beyond that. Always the shortest: of two equal decimals the parts are
 * equal too, so sums have the same digits in whatever order they were made.
 */
export type Decimal = readonly [digits: number | string, scale: number];

export const ZERO: Decimal = [0, 0];

/** Decimals of money and quantities have no more. All others take the exact way, which is slower. */
const QUICK_SCALE = 4;
/** Below this, digits that divide to the number are its shortest ones: 15 digits are kept by every double. */
const QUICK_DIGITS = 1e15;
const POWERS = [1, 10, 100, 1_000, 10_000] as const;

/** The decimal that JSON writes for a number: the shortest one that is read back as it. */
export function decimalOf(value: number): Decimal {
  for (let scale = 0; scale <= QUICK_SCALE; scale += 1) {
    const power = POWERS[scale] as number;
    const digits = Math.round(value * power);
    if (Math.abs(digits) >= QUICK_DIGITS) break;
    // Minus zero is zero.
    if (digits / power === value) return [digits + 0, scale];
  }
  return parseDecimal(String(value));
}

/** Reads what JSON takes for a number. */
function parseDecimal(text: string): Decimal {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  return shortest(BigInt(whole + fraction), fraction.length - Number(exponent));
}

export function addDecimals(one: Decimal, other: Decimal): Decimal {
  const [a, aScale] = one;
  const [b, bScale] = other;
  if (typeof a === 'number' && typeof b === 'number' && aScale <= QUICK_SCALE && bScale <= QUICK_SCALE) {
    const scale = Math.max(aScale, bScale);
    const sum = a * (POWERS[scale - aScale] as number) + b * (POWERS[scale - bScale] as number);
    if (Number.isSafeInteger(sum)) return shortestQuickly(sum, scale);
  }
  const scale = Math.max(aScale, bScale);
  return shortest(scaled(one, scale) + scaled(other, scale), scale);
}

/** The digits of a decimal at a scale that is not below its own. */
function scaled([digits, scale]: Decimal, wanted: number): bigint {
  return BigInt(digits) * 10n ** BigInt(wanted - scale);
}

function shortestQuickly(digits: number, scale: number): Decimal {
  let [left, places] = [digits, scale];
  while (places > 0 && left % 10 === 0) {
    left /= 10;
    places -= 1;
  }
  return [left + 0, places];
}

/** Scale is never below 0, so that equal decimals look the same. */
function shortest(digits: bigint, scale: number): Decimal {
  let [left, places] = [digits, scale];
  if (places < 0) [left, places] = [left * 10n ** BigInt(-places), 0];
  while (places > 0 && left % 10n === 0n) {
    left /= 10n;
    places -= 1;
  }
  const number = Number(left);
  return [Number.isSafeInteger(number) ? number : left.toString(), places];
}

/** All its digits, without an exponent. */
export function decimalText([digits, scale]: Decimal): string {
  const text = String(digits);
  if (scale === 0) return text;
  const [sign, positive] = text.startsWith('-') ? ['-', text.slice(1)] : ['', text];
  const padded = positive.padStart(scale + 1, '0');
  return `${sign}${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
}

/**
 * How an answer writes it: a number where a reader that keeps numbers as doubles gets just this decimal back and no
 * integer is beyond 2^53-1, else a text of all its digits.
 */
export function decimalAnswer(decimal: Decimal): number | string {
  const text = decimalText(decimal);
  const number = Number(text);
  const isKept = Math.abs(number) <= Number.MAX_SAFE_INTEGER && equals(decimalOf(number), decimal);
  return isKept ? number : text;
}

/** Significant digits of a quotient: every double keeps that many. */
const QUOTIENT_DIGITS = 15;

/** `decimal / count`, rounded to 15 significant digits, halves away from zero. `count` is a positive integer. */
export function divideDecimal(decimal: Decimal, count: number): number {
  const [digits, scale] = decimal;
  const [numerator, divisor] = [BigInt(digits), BigInt(count)];
  const positive = numerator < 0n ? -numerator : numerator;
  if (positive === 0n) return 0;
  // One place more or less than wanted, as the leading digits have it; that is put right below.
  const places = QUOTIENT_DIGITS - (positive.toString().length - divisor.toString().length);
  let [quotient, shift] = [rounded(positive, divisor, places), places];
  if (quotient >= 10n ** BigInt(QUOTIENT_DIGITS)) {
    shift = places - 1;
    quotient = rounded(positive, divisor, shift);
  }
  return Number(`${numerator < 0n ? '-' : ''}${quotient.toString()}e${-shift - scale}`);
}

/** `numerator x 10^places / divisor`, halves up. */
function rounded(numerator: bigint, divisor: bigint, places: number): bigint {
  const [top, bottom] =
    places >= 0 ? [numerator * 10n ** BigInt(places), divisor] : [numerator, divisor * 10n ** BigInt(-places)];
  return (2n * top + bottom) / (2n * bottom);
}

function equals([digits, scale]: Decimal, [otherDigits, otherScale]: Decimal): boolean {
  return digits === otherDigits && scale === otherScale;
}
