import type { AttributeMerge } from '#catalog';
import { joinPath, type JsonObject } from '#core';

import { mergeMembers, mergeNode, mergeObjects, type Decided, type MergeObjects, type Merging } from './merge-node.js';
import { uniteIdentityMaps, uniteMemberships } from './merge-unions.js';
import { bestByChange, rankByChange, rankFragments, type MergeFragment } from './rank.js';

/** Members of a profile that are more than attributes. */
const UNIONS: ReadonlyMap<string, MergeObjects> = new Map([
  ['identityMap', uniteIdentityMaps],
  ['segmentMembership', uniteMemberships],
]);

/**
 * The view that a policy makes of fragments, in whatever order they are given. Each leaf comes from the best-ranked
 * fragment that has it. Objects descend, arrays are atomic. Where one has a scalar or an array and another an object, the
 * better-ranked one decides for the whole node: a scalar hides all objects, an object hides scalars and takes in the other
 * objects. `identityMap` and `segmentMembership` are unions.
 *
 * Ranks: under `dataSetPrecedence` first the order of the datasets; then the newest update of the fragment; then the
 * higher log position. With `granularity: "field"` the time of the value itself takes the place of that of its fragment: of
 * a leaf when it last changed, of an object that meets a scalar when any leaf that it has now last changed.
 *
 * `record` hears how each leaf of the result came about; without it a merge keeps no account of that.
 */
export function mergeFragments<F extends MergeFragment>(
  fragments: readonly F[],
  attributeMerge: AttributeMerge,
  record?: (decided: Decided<F>) => void,
): JsonObject {
  const ranked = rankFragments(fragments, attributeMerge, record !== undefined);
  const [best] = ranked;
  if (best === undefined) return {};
  if (ranked.length === 1 && record === undefined) return best.fragment.state.attributes;
  // Without leaves of another time than their fragments both granularities are the same.
  const byField = attributeMerge.granularity === 'field' && ranked.some(({ moments }) => moments !== undefined);
  const merging: Merging<F> = {
    rank: byField ? rankByChange : (contenders) => contenders,
    best: byField ? bestByChange : ([first]) => first,
    pathOf: byField || record !== undefined ? joinPath : (path) => path,
    record,
  };
  const whole = ranked.map((from) => ({ from, value: from.fragment.state.attributes }));
  return mergeMembers(whole, '', merging, (values, path, key) =>
    mergeNode(values, path, [], merging, UNIONS.get(key) ?? mergeObjects),
  );
}
