import { getOwn, isJsonArray, isJsonObject, setOwn, type JsonObject, type JsonValue } from '#core';

/** Keys from the attributes down to a value, through objects only. At least one. */
export type KeyPath = readonly string[];

/** What an upsert does to the attributes of a fragment. */
export interface Patch {
  /** Objects merge key by key, scalars and arrays replace. */
  readonly data: JsonObject;
  readonly append: readonly Append[];
  readonly unset: readonly KeyPath[];
}

/** Elements that go to the end of the array at a path; without an array there they become it. */
export interface Append {
  readonly path: KeyPath;
  readonly items: readonly JsonValue[];
}

/**
 * Attributes after a patch. First what is unset goes, then the data is merged in, then elements are appended: so one
 * patch can clear an object and say anew what it holds. Nothing is changed in place. Throws nothing, whatever stands
 * where: what is in the way of a path is replaced.
 */
export function applyPatch(before: JsonObject, { data, append, unset }: Patch): JsonObject {
  let after = before;
  for (const path of unset) after = withoutPath(after, path);
  after = mergeDeep(after, data);
  for (const { path, items } of append) after = appendAt(after, path, items);
  return after;
}

function mergeDeep(before: JsonObject, data: JsonObject): JsonObject {
  const merged: Record<string, JsonValue> = copy(before);
  for (const [key, value] of Object.entries(data)) {
    const present = getOwn(before, key);
    setOwn(merged, key, isJsonObject(value) && isJsonObject(present) ? mergeDeep(present, value) : value);
  }
  return merged;
}

function withoutPath(object: JsonObject, [key, ...rest]: KeyPath): JsonObject {
  const present = key === undefined ? undefined : getOwn(object, key);
  if (key === undefined || present === undefined) return object;
  if (rest.length > 0 && !isJsonObject(present)) return object;
  if (rest.length === 0) return Object.fromEntries(Object.entries(object).filter(([name]) => name !== key));
  const changed = copy(object);
  setOwn(changed, key, withoutPath(present as JsonObject, rest));
  return changed;
}

function appendAt(object: JsonObject, [key, ...rest]: KeyPath, items: readonly JsonValue[]): JsonObject {
  if (key === undefined) return object;
  const present = getOwn(object, key);
  const changed = copy(object);
  if (rest.length > 0) setOwn(changed, key, appendAt(isJsonObject(present) ? present : {}, rest, items));
  else setOwn(changed, key, isJsonArray(present) ? [...present, ...items] : items);
  return changed;
}

/** A spread would do, but for the type. */
function copy(object: JsonObject): Record<string, JsonValue> {
  return { ...object };
}
