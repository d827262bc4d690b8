import type { AttributeMerge } from '#catalog';
import { isJsonObject, joinPath, type JsonValue } from '#core';

import { leafMoments, type ChangeMoment, type FragmentState } from './leaf-changes.js';

/** What a merge needs to know of a record fragment. */
export interface MergeFragment {
  readonly dataset: string;
  readonly state: FragmentState;
}

/** A value that a fragment has at the place that is decided. */
export interface Contender<F extends MergeFragment> {
  readonly from: RankedFragment<F>;
  readonly value: JsonValue;
}

export interface RankedFragment<F extends MergeFragment> {
  readonly fragment: F;
  /** Place of its dataset in the order of the policy; equal under `timestampOrdered`. */
  readonly precedence: number;
  /** Of the leaves that differ from the fragment's; `undefined` where there are none, or nobody asks. */
  readonly moments: ReadonlyMap<string, ChangeMoment> | undefined;
}

/** What tells two contenders apart. */
export type RankRule = 'dataSetPrecedence' | 'newestUpdate' | 'newestChange' | 'logPosition';

/** The fragments that a policy selects, best first. `withMoments`: also where no leaf is decided by its own time. */
export function rankFragments<F extends MergeFragment>(
  fragments: readonly F[],
  { granularity, ...merge }: AttributeMerge,
  withMoments: boolean,
): readonly RankedFragment<F>[] {
  const precedence = 'order' in merge ? new Map(merge.order.map((id, index) => [id, index])) : undefined;
  const needsMoments = withMoments || granularity === 'field';
  const ranked: RankedFragment<F>[] = [];
  for (const fragment of fragments) {
    const place = precedence === undefined ? 0 : precedence.get(fragment.dataset);
    if (place === undefined) continue;
    const moments = needsMoments && fragment.state.changes !== undefined ? leafMoments(fragment.state) : undefined;
    ranked.push({ fragment, precedence: place, moments });
  }
  return ranked.sort((a, b) => a.precedence - b.precedence || compareMoments(a.fragment.state, b.fragment.state));
}

/**
 * When what a fragment has at a path last changed. Of an object that is the newest change of a leaf that is in it now:
 * what was taken out of it is not remembered.
 */
export function momentAt<F extends MergeFragment>({ from, value }: Contender<F>, path: string): ChangeMoment {
  const { moments, fragment } = from;
  if (moments === undefined) return fragment.state;
  // Elements of arrays stand at the path of their array, which is a leaf.
  const own = moments.get(path);
  if (own !== undefined) return own;
  return leafPaths(value, path)
    .map((leaf): ChangeMoment => moments.get(leaf) ?? fragment.state)
    .reduce((newest, one) => (compareMoments(one, newest) < 0 ? one : newest));
}

/** Contenders that come in the order of their fragments, ranked by when their values changed, best first. */
export function rankByChange<F extends MergeFragment>(
  contenders: readonly Contender<F>[],
  path: string,
): readonly Contender<F>[] {
  return contenders
    .map((contender) => ({ contender, moment: momentAt(contender, path) }))
    .sort((a, b) => compareRanks(a.contender, a.moment, b.contender, b.moment))
    .map(({ contender }) => contender);
}

/** The first of `rankByChange`, without ranking the others: most leaves are of many fragments, and one of them is shown. */
export function bestByChange<F extends MergeFragment>(
  contenders: readonly [Contender<F>, ...Contender<F>[]],
  path: string,
): Contender<F> {
  let [best] = contenders;
  let newest = momentAt(best, path);
  for (const contender of contenders) {
    const moment = momentAt(contender, path);
    if (compareRanks(contender, moment, best, newest) >= 0) continue;
    best = contender;
    newest = moment;
  }
  return best;
}

function compareRanks<F extends MergeFragment>(
  a: Contender<F>,
  changedA: ChangeMoment,
  b: Contender<F>,
  changedB: ChangeMoment,
): number {
  return a.from.precedence - b.from.precedence || compareMoments(changedA, changedB);
}

/** Newest first; equal times: the higher log position first. */
export function compareMoments(a: ChangeMoment, b: ChangeMoment): number {
  if (a.updatedAt !== b.updatedAt) return b.updatedAt - a.updatedAt;
  return a.updatedPosition < b.updatedPosition ? 1 : a.updatedPosition > b.updatedPosition ? -1 : 0;
}

/** A leaf is a scalar, an array or an empty object, as in `LeafChange`. At least one. */
function leafPaths(value: JsonValue, path: string): readonly string[] {
  const members = isJsonObject(value) ? Object.entries(value) : [];
  if (members.length === 0) return [path];
  return members.flatMap(([key, member]) => leafPaths(member, joinPath(path, key)));
}
