import { toRfc3339 } from '#core';

import { FIRST_MERGE_POLICY, type MergePolicy, type MergePolicyDefinition } from './merge-policy.js';

export const MERGE_POLICY_CREATED = 'MergePolicyCreated';
export const MERGE_POLICY_CHANGED = 'MergePolicyChanged';
export const MERGE_POLICY_DELETED = 'MergePolicyDeleted';

/** A whole version, so that no reader has to apply differences. */
export interface MergePolicyVersion extends MergePolicyDefinition {
  readonly id: string;
  readonly version: number;
}

export interface MergePolicyCreated {
  readonly type: typeof MERGE_POLICY_CREATED;
  readonly data: MergePolicyVersion;
}

export interface MergePolicyChanged {
  readonly type: typeof MERGE_POLICY_CHANGED;
  readonly data: MergePolicyVersion;
}

/** It was not the default. */
export interface MergePolicyDeleted {
  readonly type: typeof MERGE_POLICY_DELETED;
  readonly data: { readonly id: string };
}

/**
 * When the default moves, the policy that becomes it comes first: from that event on it is the only one. The event of the
 * policy that it was before follows in the same append.
 */
export type MergePolicyEvent = MergePolicyCreated | MergePolicyChanged | MergePolicyDeleted;

/** `undefined` once it is deleted. `at`: epoch milliseconds. */
export function evolveMergePolicy(
  policy: MergePolicy | undefined,
  event: MergePolicyEvent,
  at: number,
): MergePolicy | undefined {
  const updatedAt = toRfc3339(at);
  switch (event.type) {
    case MERGE_POLICY_CREATED:
      return { ...event.data, createdAt: updatedAt, updatedAt };
    case MERGE_POLICY_CHANGED: {
      const before = policy ?? (event.data.id === FIRST_MERGE_POLICY.id ? FIRST_MERGE_POLICY : undefined);
      return before && { ...before, ...event.data, updatedAt };
    }
    case MERGE_POLICY_DELETED:
      return undefined;
  }
}
