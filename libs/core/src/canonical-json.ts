import type { JsonValue } from './json.js';

/**
 * JSON text in which equal values have equal text: keys sorted by UTF-16 code unit, no white space, numbers as
 * ECMAScript prints them (RFC 8785, JSON Canonicalization Scheme). Two items with the same content in another key
 * order are the same item.
 */
export function canonicalJson(value: JsonValue): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const object = value as { readonly [key: string]: JsonValue };
  const { sorted, labels } = layoutOf(Object.keys(object));
  let text = '{';
  // Both arrays have one entry per key of this very object.
  for (let i = 0; i < sorted.length; i += 1) {
    text += (labels[i] as string) + canonicalJson(object[sorted[i] as string] as JsonValue);
  }
  return `${text}}`;
}

/** What must be escaped, and surrogates: most strings have none of it and need only quotes. */
// eslint-disable-next-line no-control-regex
const NEEDS_ESCAPE = /["\\\u0000-\u001f\ud800-\udfff]/;

function quoted(text: string): string {
  return NEEDS_ESCAPE.test(text) ? JSON.stringify(text) : `"${text}"`;
}

/** How objects with the same keys in the same order are written. */
interface Layout {
  readonly keys: readonly string[];
  readonly sorted: readonly string[];
  /** What stands before each value, in sorted order: the quoted key, with a comma before it but for the first. */
  readonly labels: readonly string[];
}

/** Items of a dataset look alike: sorting and quoting their keys anew for each would take three quarters of the time. */
const layouts = new Map<string, Layout>();
const MAX_LAYOUTS = 1_000;
const MAX_LAYOUT_CHARACTERS = 2_000;

function layoutOf(keys: readonly string[]): Layout {
  const name = keys.join();
  const known = layouts.get(name);
  // Keys may contain commas.
  if (known !== undefined && known.keys.length === keys.length && keys.every((key, i) => key === known.keys[i]))
    return known;
  const sorted = [...keys].sort();
  const layout = { keys, sorted, labels: sorted.map((key, i) => `${i === 0 ? '' : ','}${quoted(key)}:`) };
  if (name.length > MAX_LAYOUT_CHARACTERS) return layout;
  if (layouts.size >= MAX_LAYOUTS) layouts.clear();
  layouts.set(name, layout);
  return layout;
}
