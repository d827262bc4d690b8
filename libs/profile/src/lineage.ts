import type { AttributeMerge, Granularity } from '#catalog';
import type { JsonObject, JsonValue } from '#core';

import type { ChangeMoment } from './leaf-changes.js';
import type { Decided, Loss } from './merge-node.js';
import { qualifiedAt } from './merge-unions.js';
import { mergeFragments } from './merge.js';
import { momentAt, type Contender, type MergeFragment } from './rank.js';

/**
 * What decided between two values: the order of the datasets; the newer update of the fragment; the newer change of the
 * value itself; at equal times the higher log position; the newer entry of a segment. `only`: nothing was against it.
 * `union`: the entry stands beside those of other fragments.
 */
export const LINEAGE_RULES = [
  'only',
  'dataSetPrecedence',
  'newestUpdate',
  'newestChange',
  'logPosition',
  'newestQualification',
  'union',
] as const;
export type LineageRule = (typeof LINEAGE_RULES)[number];

/** A value and the fragment that has it. */
export interface LineageValue<F extends MergeFragment> {
  readonly value: JsonValue;
  readonly fragment: F;
  /** The event that gave the fragment this value; of an object, the newest among its leaves. */
  readonly changed: ChangeMoment;
}

export interface LostValue<F extends MergeFragment> extends LineageValue<F> {
  /** Where it stood: the path of the leaf, or one above it when a scalar lost against an object. */
  readonly path: string;
  /** Why it lost. */
  readonly rule: LineageRule;
}

/** Where one leaf of the merged view comes from. */
export interface LineageLeaf<F extends MergeFragment> extends LineageValue<F> {
  readonly path: string;
  /** What decided against the best of the losers. */
  readonly rule: LineageRule;
  /** Best first; those that lost further up after the others. */
  readonly losers: readonly LostValue<F>[];
}

export interface Lineage<F extends MergeFragment> {
  readonly attributes: JsonObject;
  /** In the order of the attributes. */
  readonly leaves: readonly LineageLeaf<F>[];
}

/** The merged view, and for each of its leaves who won, by which rule, and who lost. */
export function lineageOf<F extends MergeFragment>(
  fragments: readonly F[],
  attributeMerge: AttributeMerge,
): Lineage<F> {
  const leaves: LineageLeaf<F>[] = [];
  const attributes = mergeFragments(fragments, attributeMerge, (decided) => {
    leaves.push(leafOf(decided, attributeMerge.granularity));
  });
  return { attributes, leaves };
}

function leafOf<F extends MergeFragment>(decided: Decided<F>, granularity: Granularity): LineageLeaf<F> {
  const { path, by, winner, source } = decided;
  const losers = decided.losses.map((loss) => ({
    ...valueOf(loss.loser, loss.path),
    path: loss.path,
    rule: ruleOf(loss, by, granularity),
  }));
  const rule = by === 'union' ? by : (losers[0]?.rule ?? 'only');
  return { path, ...valueOf(winner, source), rule, losers };
}

function valueOf<F extends MergeFragment>(contender: Contender<F>, path: string): LineageValue<F> {
  const { value, from } = contender;
  const { updatedAt, updatedPosition } = momentAt(contender, path);
  return { value, fragment: from.fragment, changed: { updatedAt, updatedPosition } };
}

function ruleOf<F extends MergeFragment>(
  { path, loser, against }: Loss<F>,
  by: Decided<F>['by'],
  granularity: Granularity,
): LineageRule {
  if (by === 'qualification' && qualifiedAt(against.value) > qualifiedAt(loser.value)) return 'newestQualification';
  if (against.from.precedence !== loser.from.precedence) return 'dataSetPrecedence';
  const timeOf = (one: Contender<F>) =>
    (granularity === 'field' ? momentAt(one, path) : one.from.fragment.state).updatedAt;
  if (timeOf(against) === timeOf(loser)) return 'logPosition';
  return granularity === 'field' ? 'newestChange' : 'newestUpdate';
}
