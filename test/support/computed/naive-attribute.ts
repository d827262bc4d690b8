import type { AttributeDefinition, AttributeValue, Condition } from '#computed-attributes';
import { canonicalJson, parsePath, parseRfc3339, valuesAt, type JsonObject, type JsonValue } from '#core';

/** An event of a profile, as everybody can see it. */
export interface NaiveEvent {
  readonly dataset: string;
  readonly at: number;
  readonly tie: string;
  readonly data: JsonObject;
}

/** What an attribute is, looked up in all events at once: slow, and written apart from the code that it checks. */
export function naiveAttribute(
  definition: AttributeDefinition,
  events: readonly NaiveEvent[],
  at: number,
): AttributeValue {
  const { datasets, window, where } = definition;
  const from = window === undefined ? -Infinity : naiveWindowStart(window.count, window.unit, at);
  const counting = events
    .filter((event) => event.at >= from && event.at <= at)
    .filter(({ dataset }) => datasets === undefined || datasets.includes(dataset))
    .filter(({ data }) => where === undefined || holds(where, data))
    .sort((one, other) => one.at - other.at || (one.tie < other.tie ? -1 : 1));
  const values = counting.flatMap((event) =>
    valuesOf(definition, event.data).map((value) => ({ value, at: event.at })),
  );
  return summed(definition, values);
}

function summed(
  { aggregate, limit = 10 }: AttributeDefinition,
  values: readonly { readonly value: JsonValue; readonly at: number }[],
): AttributeValue {
  const plain = values.map(({ value }) => value);
  const numbers = plain.filter((value) => typeof value === 'number');
  switch (aggregate) {
    case 'COUNT':
      return { value: values.length };
    case 'COUNT_DISTINCT':
      return { value: new Set(plain.map(canonicalJson)).size };
    case 'SUM':
      return { value: exactSum(numbers) };
    case 'AVG':
      return numbers.length === 0 ? {} : { value: exactAverage(numbers) };
    case 'MIN':
      return extreme(plain, (one, other) => one < other);
    case 'MAX':
      return extreme(plain, (one, other) => one > other);
    case 'FIRST':
      return values.length === 0 ? {} : { ...values[0] };
    case 'MOST_RECENT':
      return values.length === 0 ? {} : { ...values.at(-1) };
    case 'LIST':
      return { value: plain.slice(-limit).reverse() };
  }
}

function valuesOf({ path, elements }: AttributeDefinition, data: JsonObject): readonly JsonValue[] {
  if (elements === undefined) return path === undefined ? [true] : reached(data, path);
  const rest = path?.slice(elements.path.length).replace(/^\./, '') ?? '';
  return reached(data, elements.path)
    .filter((element) => holds(elements.where, element))
    .flatMap((element) => (rest === '' ? [element] : reached(element, rest)));
}

function reached(data: JsonValue, path: string): readonly JsonValue[] {
  return valuesAt(data, parsePath(path) ?? []).map(({ value }) => value);
}

function holds(condition: Condition, data: JsonValue): boolean {
  if ('and' in condition) return !condition.and.some((one) => !holds(one, data));
  if ('or' in condition) return condition.or.some((one) => holds(one, data));
  if ('not' in condition) return !holds(condition.not, data);
  const { op } = condition;
  return reached(data, condition.path).some((value) => {
    if (op === 'exists') return true;
    if (op === 'in') return condition.value.some((literal) => literal === value);
    if (op === 'contains') {
      return typeof value === 'string'
        ? value.includes(String(condition.value))
        : Array.isArray(value) && value.some((element) => element === condition.value);
    }
    if (op === '=') return value === condition.value;
    if (op === '!=') return value !== condition.value;
    if (typeof value !== typeof condition.value) return false;
    const [a, b] = [value as number, condition.value as number];
    return op === '<' ? a < b : op === '<=' ? a <= b : op === '>' ? a > b : a >= b;
  });
}

function extreme(values: readonly JsonValue[], isBetter: (one: number, other: number) => boolean): AttributeValue {
  let best: { readonly value: JsonValue; readonly at: number } | undefined;
  for (const value of values) {
    const at = typeof value === 'number' ? value : (parseRfc3339(value as string) as number);
    if (best === undefined || isBetter(at, best.at)) best = { value, at };
  }
  return best === undefined ? {} : { value: best.value };
}

/** Numerator over 10^400, of the text that JSON writes. */
const DIGITS = 400;

function scaled(value: number): bigint {
  const [mantissa = '', exponent = '0'] = JSON.stringify(value).split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const places = DIGITS + Number(exponent) - fraction.length;
  return BigInt(whole + fraction) * 10n ** BigInt(places);
}

function exactSum(numbers: readonly number[]): JsonValue {
  const sum = numbers.map(scaled).reduce((total, one) => total + one, 0n);
  const sign = sum < 0n ? '-' : '';
  const digits = (sum < 0n ? -sum : sum).toString().padStart(DIGITS + 1, '0');
  const fraction = digits.slice(-DIGITS).replace(/0+$/, '');
  const text = `${sign}${digits.slice(0, -DIGITS)}${fraction === '' ? '' : `.${fraction}`}`;
  const number = Number(text);
  return Math.abs(number) <= Number.MAX_SAFE_INTEGER && scaled(number) === sum ? number : text;
}

/** 15 significant digits, halves away from zero. */
function exactAverage(numbers: readonly number[]): number {
  const sum = numbers.map(scaled).reduce((total, one) => total + one, 0n);
  if (sum === 0n) return 0;
  const positive = sum < 0n ? -sum : sum;
  const count = BigInt(numbers.length);
  // Far more digits than wanted, then rounded by hand on the digits.
  const quotient = ((positive * 10n ** 40n) / count).toString();
  const kept = BigInt(quotient.slice(0, 15)) + (Number(quotient[15] ?? '0') >= 5 ? 1n : 0n);
  return Number(`${sum < 0n ? '-' : ''}${kept.toString()}e${quotient.length - 15 - 40 - DIGITS}`);
}

function naiveWindowStart(count: number, unit: string, at: number): number {
  if (unit === 'HOURS') return at - count * 3_600_000;
  if (unit === 'DAYS') return at - count * 86_400_000;
  if (unit === 'WEEKS') return at - count * 7 * 86_400_000;
  const iso = new Date(at).toISOString();
  let year = Number(iso.slice(0, 4));
  let month = Number(iso.slice(5, 7)) - count;
  if (month < 1) [year, month] = [year - 1, month + 12];
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  const day = Math.min(Number(iso.slice(8, 10)), lengths[month - 1] as number);
  const two = (part: number) => String(part).padStart(2, '0');
  return Date.parse(`${String(year).padStart(4, '0')}-${two(month)}-${two(day)}${iso.slice(10)}`);
}
