import { canonicalJson } from '#core';

import type { CatalogEvent } from '../catalog.events.js';
import { FIRST_MERGE_POLICY, type AttributeMerge } from './merge-policy.js';
import { MERGE_POLICY_CHANGED, MERGE_POLICY_CREATED } from './merge-policy.events.js';

/**
 * How profiles are merged where nobody names a policy. Whoever keeps merged views folds this from the catalog's events,
 * and stamps them with `revision`; whoever reads them knows by it whether a view was merged under the rule of now.
 */
export interface DefaultMerge {
  /** How often the rule has changed: 0 as it came with the sandbox. Another name of the policy is no change. */
  readonly revision: number;
  readonly attributeMerge: AttributeMerge;
}

export const FIRST_DEFAULT_MERGE: DefaultMerge = { revision: 0, attributeMerge: FIRST_MERGE_POLICY.attributeMerge };

/** The same object when the event does not change the rule. */
export function evolveDefaultMerge(before: DefaultMerge, event: CatalogEvent): DefaultMerge {
  if (event.type !== MERGE_POLICY_CREATED && event.type !== MERGE_POLICY_CHANGED) return before;
  const { attributeMerge, default: isDefault, class: policyClass } = event.data;
  if (!isDefault || policyClass !== FIRST_MERGE_POLICY.class) return before;
  if (isSameMerge(before.attributeMerge, attributeMerge)) return before;
  return { revision: before.revision + 1, attributeMerge };
}

function isSameMerge(one: AttributeMerge, other: AttributeMerge): boolean {
  return canonicalJson(one) === canonicalJson(other);
}
