import { getOwn, isJsonArray, isJsonObject, setOwn, type JsonObject, type JsonValue, type Position } from '#core';

/** What a merge needs to know of a record fragment. */
export interface MergeFragment {
  readonly attributes: JsonObject;
  /** Epoch milliseconds. */
  readonly updatedAt: number;
  /** Log position of the event that made it: breaks ties. */
  readonly updatedPosition: Position;
}

/** Ranks fragments, best first, under `timestampOrdered`: newest update first, ties by higher log position. */
export function rankByTimestamp<F extends MergeFragment>(fragments: readonly F[]): readonly F[] {
  return [...fragments].sort((a, b) => b.updatedAt - a.updatedAt || (a.updatedPosition < b.updatedPosition ? 1 : -1));
}

/**
 * Merges fragments, best first: each leaf comes from the best-ranked fragment that has it. Objects descend; arrays are
 * atomic; where one fragment has a scalar and another an object, the better-ranked one decides there. `identityMap` and
 * `segmentMembership` are unions.
 */
export function mergeAttributes(ranked: readonly JsonObject[]): JsonObject {
  const [best] = ranked;
  if (best === undefined) return {};
  if (ranked.length === 1) return best;
  const merged = mergeObjects(ranked);
  const identityMaps = objectsAt(ranked, 'identityMap');
  const memberships = objectsAt(ranked, 'segmentMembership');
  return {
    ...merged,
    ...(identityMaps.length > 1 && { identityMap: uniteIdentityMaps(identityMaps) }),
    ...(memberships.length > 1 && { segmentMembership: uniteMemberships(memberships) }),
  };
}

function objectsAt(ranked: readonly JsonObject[], key: string): JsonObject[] {
  return ranked.map((attributes) => getOwn(attributes, key)).filter(isJsonObject);
}

function mergeObjects(ranked: readonly JsonObject[]): JsonObject {
  const merged: Record<string, JsonValue> = {};
  const keys = new Set(ranked.flatMap((object) => Object.keys(object)));
  for (const key of keys) {
    const values: JsonValue[] = [];
    for (const object of ranked) {
      const value = getOwn(object, key);
      if (value !== undefined) values.push(value);
    }
    setOwn(merged, key, mergeValues(values));
  }
  return merged;
}

/** A better-ranked scalar or array hides every object below it; an object hides scalars and takes in further objects. */
function mergeValues(ranked: readonly JsonValue[]): JsonValue {
  const [best] = ranked as [JsonValue];
  if (ranked.length === 1 || !isJsonObject(best)) return best;
  return mergeObjects(ranked.filter(isJsonObject));
}

/** Every entry of every namespace once; of equal ids the best-ranked entry stays. */
function uniteIdentityMaps(ranked: readonly JsonObject[]): JsonObject {
  const united: Record<string, JsonValue> = {};
  for (const map of ranked) {
    for (const [namespace, entries] of Object.entries(map)) {
      const present = getOwn(united, namespace) ?? [];
      if (isJsonArray(present) && isJsonArray(entries)) {
        setOwn(united, namespace, [
          ...present,
          ...entries.filter((entry) => !present.some((one) => sameId(one, entry))),
        ]);
      }
    }
  }
  return united;
}

function sameId(one: JsonValue, other: JsonValue): boolean {
  return isJsonObject(one) && isJsonObject(other) && one['id'] === other['id'];
}

/** Namespace -> segment -> entry: of each segment the entry that qualified last; without times the best-ranked one. */
function uniteMemberships(ranked: readonly JsonObject[]): JsonObject {
  const united: Record<string, Record<string, JsonValue>> = {};
  for (const membership of ranked) {
    for (const [namespace, segments] of Object.entries(membership)) {
      if (!isJsonObject(segments)) continue;
      const target = getOwn(united, namespace) ?? {};
      setOwn(united, namespace, target);
      for (const [segment, entry] of Object.entries(segments)) {
        const present = getOwn(target, segment);
        if (present === undefined || qualifiedAt(entry) > qualifiedAt(present)) setOwn(target, segment, entry);
      }
    }
  }
  return united;
}

function qualifiedAt(entry: JsonValue): number {
  const time = isJsonObject(entry) ? entry['lastQualificationTime'] : undefined;
  const parsed = typeof time === 'string' ? Date.parse(time) : Number.NaN;
  return Number.isNaN(parsed) ? Number.NEGATIVE_INFINITY : parsed;
}
