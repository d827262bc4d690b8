import { isJsonObject, setOwn, type JsonObject, type JsonValue } from '#core';

import type { Contender, MergeFragment } from './rank.js';

/** Where a value lost, and against which one: at the path of the leaf that won, or further up. */
export interface Loss<F extends MergeFragment> {
  readonly path: string;
  readonly loser: Contender<F>;
  readonly against: Contender<F>;
}

/** How one leaf of the merged view came about. */
export interface Decided<F extends MergeFragment> {
  readonly path: string;
  readonly value: JsonValue;
  /** What let the winner stand here: its rank, being a member of a union, or the time of a segment's entry. */
  readonly by: 'rank' | 'union' | 'qualification';
  readonly winner: Contender<F>;
  /** Where the winner's fragment has the value: the path of the leaf, but for elements of a united array. */
  readonly source: string;
  readonly losses: readonly Loss<F>[];
}

/** At least one. */
type Contenders<F extends MergeFragment> = readonly [Contender<F>, ...Contender<F>[]];

/** What the parts of one merge share. */
export interface Merging<F extends MergeFragment> {
  /** Contenders that come in the order of their fragments, best first. */
  readonly rank: (contenders: readonly Contender<F>[], path: string) => readonly Contender<F>[];
  /** The first of them. */
  readonly best: (contenders: Contenders<F>, path: string) => Contender<F>;
  /** Paths are built only where somebody looks at them. */
  readonly pathOf: (path: string, step: string | number) => string;
  readonly record: ((decided: Decided<F>) => void) | undefined;
}

/** Merges objects, best first. `losses`: of values that were beaten further up. */
export type MergeObjects = <F extends MergeFragment>(
  objects: readonly Contender<F>[],
  path: string,
  losses: readonly Loss<F>[],
  merging: Merging<F>,
) => JsonObject;

/** What stands at one place. `mergeAll`: for objects that win there. */
export function mergeNode<F extends MergeFragment>(
  contenders: readonly Contender<F>[],
  path: string,
  losses: readonly Loss<F>[],
  merging: Merging<F>,
  mergeAll: MergeObjects = mergeObjects,
): JsonValue {
  const { record } = merging;
  if (record === undefined && contenders.length === 1) return (contenders[0] as Contender<F>).value;
  // Objects among themselves decide nothing here: their leaves do.
  if (contenders.every(({ value }) => isJsonObject(value))) return mergeAll(contenders, path, losses, merging);
  if (record === undefined) {
    const { value } = merging.best(contenders as Contenders<F>, path);
    if (!isJsonObject(value)) return value;
  }
  const ranked = merging.rank(contenders, path);
  const [best, ...others] = ranked as Contenders<F>;
  if (!isJsonObject(best.value)) {
    const { value } = best;
    record?.({ path, value, by: 'rank', winner: best, source: path, losses: [...lost(others, best, path), ...losses] });
    return value;
  }
  const beaten = others.filter(({ value }) => !isJsonObject(value));
  const objects = ranked.filter(({ value }) => isJsonObject(value));
  return mergeAll(objects, path, [...lost(beaten, best, path), ...losses], merging);
}

export function mergeObjects<F extends MergeFragment>(
  objects: readonly Contender<F>[],
  path: string,
  losses: readonly Loss<F>[],
  merging: Merging<F>,
): JsonObject {
  const merged = mergeMembers(objects, path, merging, (values, at) => mergeNode(values, at, losses, merging));
  recordEmpty(merged, objects, path, losses, merging);
  return merged;
}

/** A member for each key that any of the objects has; `merge` gets the values of one key, best first. */
export function mergeMembers<F extends MergeFragment>(
  objects: readonly Contender<F>[],
  path: string,
  { pathOf }: Merging<F>,
  merge: (values: readonly Contender<F>[], path: string, key: string) => JsonValue,
): JsonObject {
  const byKey = new Map<string, Contender<F>[]>();
  for (const { from, value: object } of objects) {
    for (const key of Object.keys(object as JsonObject)) {
      const value = (object as JsonObject)[key] as JsonValue;
      const values = byKey.get(key);
      if (values === undefined) byKey.set(key, [{ from, value }]);
      else values.push({ from, value });
    }
  }
  const merged: Record<string, JsonValue> = {};
  for (const [key, values] of byKey) setOwn(merged, key, merge(values, pathOf(path, key), key));
  return merged;
}

/** What is empty is a leaf, unless another fragment fills it. */
export function recordEmpty<F extends MergeFragment>(
  value: JsonObject | readonly JsonValue[],
  contenders: readonly Contender<F>[],
  path: string,
  losses: readonly Loss<F>[],
  { rank, record }: Merging<F>,
): void {
  if (record === undefined || Object.keys(value).length > 0) return;
  const [winner, ...others] = rank(contenders, path) as Contenders<F>;
  record({ path, value, by: 'rank', winner, source: path, losses: [...lost(others, winner, path), ...losses] });
}

export function lost<F extends MergeFragment>(
  losers: readonly Contender<F>[],
  against: Contender<F>,
  path: string,
): readonly Loss<F>[] {
  return losers.map((loser) => ({ path, loser, against }));
}
