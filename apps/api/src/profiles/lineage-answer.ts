import type { MergePolicy } from '#catalog';
import { parsePath, toRfc3339, type DataPath, type Identity, type IdentityRef } from '#core';
import { lineageOf, type LineageLeaf, type LineageValue, type LostValue } from '#profile';

import type { ConsistentProfile, ShownFragment } from './consistent-profiles.js';
import type { LineageAnswer, LineageLeafAnswer, LineageLoser, LineageSource } from './lineage-answers.dto.js';

/** `fields`: leaves of these subtrees; all by default. */
export function lineageAnswer(
  { profile, fragments = [] }: ConsistentProfile,
  policy: MergePolicy,
  fields: readonly DataPath[] | undefined,
  identity: Identity,
): LineageAnswer {
  const owners = new Map(profile.body.members.map((member) => [member.ref, member]));
  const { leaves } = lineageOf(fragments, policy.attributeMerge);
  return {
    identity,
    profileId: profile.id,
    mergePolicy: { id: policy.id, version: policy.version },
    leaves: leaves.filter(({ path }) => isWithin(path, fields)).map((leaf) => leafAnswer(leaf, owners)),
  };
}

/** As plain data. */
type Source = Pick<LineageSource, keyof LineageSource>;
type Owners = ReadonlyMap<IdentityRef, Identity>;

function isWithin(path: string, fields: readonly DataPath[] | undefined): boolean {
  if (fields === undefined) return true;
  const steps = parsePath(path) ?? [];
  // A leaf may be a whole array of which a field names a part.
  return fields.some((field) => field.every((step, index) => index >= steps.length || step === steps[index]));
}

function leafAnswer(leaf: LineageLeaf<ShownFragment>, owners: Owners): LineageLeafAnswer {
  const { path, rule, losers } = leaf;
  return { path, ...sourceAnswer(leaf, owners), rule, losers: losers.map((loser) => loserAnswer(loser, path, owners)) };
}

function loserAnswer(loser: LostValue<ShownFragment>, leaf: string, owners: Owners): LineageLoser {
  const { path, rule } = loser;
  return { ...sourceAnswer(loser, owners), rule, ...(path !== leaf && { path }) };
}

function sourceAnswer({ value, fragment, changed }: LineageValue<ShownFragment>, owners: Owners): Source {
  // Fragments are read by the members of this very profile.
  const { namespace, id } = owners.get(fragment.owner) as Identity;
  return {
    value,
    dataset: fragment.dataset,
    identity: { namespace, id },
    at: toRfc3339(changed.updatedAt),
    position: changed.updatedPosition,
    fragmentUpdatedAt: toRfc3339(fragment.state.updatedAt),
  };
}
