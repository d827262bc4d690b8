import type { SchemaElement } from 'hyparquet';

import type { Shape } from '#catalog';
import { setOwn, type JsonValue } from '#core';

/** A node of the file's schema: its element and what is below it. */
export interface ParquetNode {
  readonly element: SchemaElement;
  readonly children: readonly ParquetNode[];
}

const MILLISECONDS_OF_A_DAY = 86_400_000;
/** What JSON takes for text and no validation lets through: bytes that were no UTF-8. */
const NO_TEXT = '\ud800';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * How the reader turns what Parquet stores into values: dates become `2010-12-01`, timestamps RFC 3339 in UTC (also those
 * that say nothing about their zone) with as many digits as they have.
 */
export const PARQUET_PARSERS = {
  dateFromDays: (days: number) => isoOf(days * MILLISECONDS_OF_A_DAY, '').slice(0, -'T00:00:00Z'.length),
  timestampFromMilliseconds: (millis: bigint) => timestamp(millis, 3),
  timestampFromMicroseconds: (micros: bigint) => timestamp(micros, 6),
  timestampFromNanoseconds: (nanos: bigint) => timestamp(nanos, 9),
  stringFromBytes: (bytes: Uint8Array | undefined) => (bytes === undefined ? undefined : textOf(bytes)),
  jsonFromBytes: (bytes: Uint8Array | undefined) => (bytes === undefined ? undefined : jsonOf(textOf(bytes))),
} as const;

function textOf(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return NO_TEXT;
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** `digits`: of a second's fraction that one unit stands for. */
function timestamp(units: bigint, digits: 3 | 6 | 9): string {
  const perSecond = 10n ** BigInt(digits);
  const rest = ((units % perSecond) + perSecond) % perSecond;
  const seconds = (units - rest) / perSecond;
  const fraction = rest === 0n ? '' : `.${rest.toString().padStart(digits, '0').replace(/0+$/, '')}`;
  return isoOf(Number(seconds) * 1_000, fraction);
}

/** Behind the year 9999 there is no RFC 3339: the number is left for the validation to refuse. */
function isoOf(milliseconds: number, fraction: string): string {
  const date = new Date(milliseconds);
  const text = Number.isNaN(date.getTime()) ? String(milliseconds) : date.toISOString();
  return text.replace(/\.000Z$/, `${fraction}Z`);
}

/**
 * A value as JSON, or `undefined` when it is absent. `shape`: what the schema expects there; numbers become text where it
 * expects text, as numeric keys are often stored. An integer beyond 2^53-1 becomes a number that the validation refuses.
 */
export function parquetJson(
  value: unknown,
  node: ParquetNode | undefined,
  shape: Shape | undefined,
): JsonValue | undefined {
  if (value === undefined || value === null) return undefined;
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'bigint':
      return shape?.type === 'string' ? String(value) : Number(value);
    case 'number':
      return numberJson(value, node, shape);
    default:
      return objectJson(value, node, shape);
  }
}

function numberJson(value: number, node: ParquetNode | undefined, shape: Shape | undefined): JsonValue {
  // The reader multiplies by a power of ten, which is not exact: as many digits as the type has are.
  const text =
    node?.element.converted_type === 'DECIMAL' ? value.toFixed(Math.min(node.element.scale ?? 0, 100)) : String(value);
  return shape?.type === 'string' ? text : Number(text);
}

function objectJson(value: object, node: ParquetNode | undefined, shape: Shape | undefined): JsonValue | undefined {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    const inner = elementNode(node);
    // What is missing inside a list is said to be: leaving it out would move the others.
    return Array.from(value as ArrayLike<unknown>, (each) => parquetJson(each, inner, shape?.each) ?? null);
  }
  const object: Record<string, JsonValue> = {};
  for (const [key, each] of Object.entries(value)) {
    const below = shape?.type === 'map' ? shape.each : shape?.properties.get(key);
    const json = parquetJson(each, memberNode(node, key), below);
    if (json !== undefined) setOwn(object, key, json);
  }
  return Object.keys(object).length === 0 ? undefined : object;
}

/** Lists are stored as a group of a repeated group of the element; older writers leave the inner one out. */
function elementNode(node: ParquetNode | undefined): ParquetNode | undefined {
  if (node === undefined || node.children.length === 0) return node;
  const [repeated] = node.children;
  return repeated?.children.length === 1 ? repeated.children[0] : repeated;
}

/** A member of a struct by its name; of a map, its values. */
function memberNode(node: ParquetNode | undefined, key: string): ParquetNode | undefined {
  const named = node?.children.find(({ element }) => element.name === key);
  if (named !== undefined) return named;
  return node?.children[0]?.children.find(({ element }) => element.name === 'value');
}
