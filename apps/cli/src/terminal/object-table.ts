import { isJsonObject, type JsonObject } from '#core';
import { table } from './output.js';

/** A column per member of any of the objects, nothing for none; inner objects are spread over columns of their own. */
export function objectTable(objects: readonly JsonObject[]): readonly string[] {
  if (objects.length === 0) return [];
  const rows = objects.map(flat);
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return table([columns, ...rows.map((row) => columns.map((column) => row[column] ?? ''))]);
}

function flat(object: JsonObject): Record<string, string> {
  const cells = Object.entries(object).flatMap(([key, value]): (readonly [string, string])[] => {
    if (isJsonObject(value)) return Object.entries(flat(value)).map(([inner, text]) => [`${key}.${inner}`, text]);
    return [[key, typeof value === 'string' ? value : JSON.stringify(value)]];
  });
  return Object.fromEntries(cells);
}

/** A line per member, inner objects member by member. */
export function objectLines(object: JsonObject): readonly string[] {
  return table(Object.entries(flat(object)));
}
