import type { Shape } from '#catalog';
import type { JsonValue } from '#core';

/** Separates the elements of an array in one cell, where they do not come as JSON. */
export const ELEMENT_SEPARATOR = '|';

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?$/;
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
  ['1', true],
  ['0', false],
]);

/**
 * What the text of a cell means where the schema expects `shape`. Text that cannot be meant so stays text: the
 * validation then says what was expected and where. Arrays are JSON, or elements with `|` between them; objects are JSON.
 */
export function cellValue(text: string, shape: Shape | undefined): JsonValue {
  switch (shape?.type) {
    case 'integer':
    case 'number':
      return numberOf(text) ?? text;
    case 'boolean':
      return BOOLEANS.get(text.trim().toLowerCase()) ?? text;
    case 'array':
      return jsonOf(text, '[') ?? text.split(ELEMENT_SEPARATOR).map((element) => cellValue(element, shape.each));
    case 'object':
    case 'map':
      return jsonOf(text, '{') ?? text;
    default:
      return text;
  }
}

function numberOf(text: string): number | undefined {
  const trimmed = text.trim();
  if (!DECIMAL.test(trimmed)) return undefined;
  const value = Number(trimmed);
  return Number.isFinite(value) ? value : undefined;
}

function jsonOf(text: string, opening: '[' | '{'): JsonValue | undefined {
  if (!text.trimStart().startsWith(opening)) return undefined;
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}
