import { formatPath, getOwn, isJsonObject, type JsonObject, type JsonValue } from '#core';

import { isEqualJson } from './leaf-changes.js';

/** What is not the same in two views, at a dotted path. */
export type AttributeDifference =
  | { readonly path: string; readonly change: 'added'; readonly after: JsonValue }
  | { readonly path: string; readonly change: 'removed'; readonly before: JsonValue }
  | { readonly path: string; readonly change: 'changed'; readonly before: JsonValue; readonly after: JsonValue };

/**
 * The differences of two views, leaf by leaf: in the order of `before`, then what only `after` has. Where one has an object
 * and the other a scalar or an array, the whole node has changed.
 */
export function attributeDifferences(before: JsonObject, after: JsonObject): readonly AttributeDifference[] {
  return differencesIn(before, after, []);
}

function differencesIn(before: JsonObject, after: JsonObject, at: readonly string[]): readonly AttributeDifference[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => differencesAt(getOwn(before, key), getOwn(after, key), [...at, key]));
}

function differencesAt(
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  at: readonly string[],
): readonly AttributeDifference[] {
  if (before === undefined) {
    return leavesAt(after, at).map(({ path, value }) => ({ path, change: 'added', after: value }));
  }
  if (after === undefined) {
    return leavesAt(before, at).map(({ path, value }) => ({ path, change: 'removed', before: value }));
  }
  if (isJsonObject(before) && isJsonObject(after)) return differencesIn(before, after, at);
  return isEqualJson(before, after) ? [] : [{ path: formatPath(at), change: 'changed', before, after }];
}

interface Leaf {
  readonly path: string;
  readonly value: JsonValue;
}

function leavesAt(value: JsonValue | undefined, at: readonly string[]): readonly Leaf[] {
  if (value === undefined) return [];
  const members = isJsonObject(value) ? Object.entries(value) : [];
  if (members.length === 0) return [{ path: formatPath(at), value }];
  return members.flatMap(([key, member]) => leavesAt(member, [...at, key]));
}
