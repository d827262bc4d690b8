import { formatPath, getOwn, isJsonObject, type JsonObject, type JsonValue, type Position } from '#core';

/** When and where in the log something changed. */
export interface ChangeMoment {
  /** Epoch milliseconds. */
  readonly updatedAt: number;
  readonly updatedPosition: Position;
}

/** Leaves that changed last together, at another moment than their fragment. */
export interface LeafChange extends ChangeMoment {
  /** Dotted paths, sorted. A leaf is a scalar, an array (arrays are atomic) or an empty object. */
  readonly paths: readonly string[];
}

/** Attributes of a fragment and when they changed. */
export interface FragmentState extends ChangeMoment {
  readonly attributes: JsonObject;
  /** The leaves that did not change when the fragment did last; absent when all did. */
  readonly changes?: readonly LeafChange[];
}

/**
 * The state after an item. A leaf that has the value that it had before keeps the moment of its last change: writing the
 * same value again does not count.
 */
export function changedState(
  before: FragmentState | undefined,
  attributes: JsonObject,
  moment: ChangeMoment,
): FragmentState {
  const { updatedAt, updatedPosition } = moment;
  const state: FragmentState = { attributes, updatedAt, updatedPosition };
  if (before === undefined) return state;
  const same: string[] = [];
  collectSame(before.attributes, attributes, [], same);
  return same.length === 0 ? state : { ...state, changes: groupByMoment(same, before) };
}

/** Moments of the leaves that differ from the fragment's, by dotted path. */
export function leafMoments({ changes = [] }: FragmentState): ReadonlyMap<string, ChangeMoment> {
  return new Map(changes.flatMap((change) => change.paths.map((path) => [path, change] as const)));
}

function groupByMoment(paths: readonly string[], before: FragmentState): readonly LeafChange[] {
  const moments = leafMoments(before);
  const groups = new Map<string, LeafChange & { readonly paths: string[] }>();
  for (const path of paths) {
    const { updatedAt, updatedPosition } = moments.get(path) ?? before;
    const name = `${updatedPosition} ${updatedAt}`;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, { updatedAt, updatedPosition, paths: [path] });
    else group.paths.push(path);
  }
  // Fixed order: a view that was rebuilt is compared by its text.
  return [...groups.keys()].sort().map((name) => {
    const group = groups.get(name) as LeafChange;
    return { ...group, paths: [...group.paths].sort() };
  });
}

function collectSame(before: JsonObject, after: JsonObject, path: readonly string[], same: string[]): void {
  for (const [key, value] of Object.entries(after)) {
    const present = getOwn(before, key);
    if (present === undefined) continue;
    if (isJsonObject(value) && isJsonObject(present) && !(isEmpty(value) && isEmpty(present))) {
      collectSame(present, value, [...path, key], same);
    } else if (isEqualJson(present, value)) {
      same.push(formatPath([...path, key]));
    }
  }
}

function isEmpty(object: JsonObject): boolean {
  return Object.keys(object).length === 0;
}

/** Objects are equal whatever the order of their keys. */
export function isEqualJson(one: JsonValue, other: JsonValue): boolean {
  if (one === other) return true;
  if (Array.isArray(one)) {
    if (!Array.isArray(other) || one.length !== other.length) return false;
    return one.every((element: JsonValue, index) => isEqualJson(element, other[index] as JsonValue));
  }
  if (!isJsonObject(one) || !isJsonObject(other)) return false;
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => {
      const value = getOwn(other, key);
      return value !== undefined && isEqualJson(one[key] as JsonValue, value);
    })
  );
}
