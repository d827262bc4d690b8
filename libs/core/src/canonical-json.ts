import type { JsonValue } from './json.js';

/**
 * JSON text in which equal values have equal text: keys sorted by UTF-16 code unit, no white space, numbers as
 * ECMAScript prints them (RFC 8785, JSON Canonicalization Scheme). Two items with the same content in another key
 * order are the same item.
 */
export function canonicalJson(value: JsonValue): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const object = value as { readonly [key: string]: JsonValue };
  const keys = Object.keys(object).sort();
  let text = '{';
  for (const key of keys) {
    const member = `${JSON.stringify(key)}:${canonicalJson(object[key] as JsonValue)}`;
    text += text.length === 1 ? member : `,${member}`;
  }
  return `${text}}`;
}
