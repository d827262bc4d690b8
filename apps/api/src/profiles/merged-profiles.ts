import type { MergePolicy, SandboxCatalog } from '#catalog';
import type { IdentityRef } from '#core';
import { mergeFragments } from '#profile';

import { consistentProfiles, type ConsistentProfile } from './consistent-profiles.js';
import { profileNotFound, type SandboxView, type StoredProfile } from './sandbox-view.js';
import { selectedProfile } from './selected-profile.js';

/** The profiles of these identities under a policy, aligned with them. Throws `PROFILE_CHANGING`. */
export async function mergedProfiles(
  view: SandboxView,
  refs: readonly IdentityRef[],
  policy: MergePolicy,
): Promise<readonly (StoredProfile | undefined)[]> {
  const found = await consistentProfiles(view, refs, {
    select: (profile, ref) => selectedProfile(profile, ref, policy),
    needsFragments: (profile) => !isMerged(profile, policy, view.catalog),
  });
  return found.map((one) => one && merged(one, policy));
}

/** The profile of one identity. Throws `PROFILE_NOT_FOUND`, `PROFILE_CHANGING`. */
export async function mergedProfile(view: SandboxView, ref: IdentityRef, policy: MergePolicy): Promise<StoredProfile> {
  const [profile] = await mergedProfiles(view, [ref], policy);
  if (profile === undefined) throw profileNotFound();
  return profile;
}

/** Whether the view that the read model keeps is that of the policy: that of the default one, once it was folded by it. */
function isMerged({ body }: StoredProfile, policy: MergePolicy, { defaultMerge }: SandboxCatalog): boolean {
  return policy.default && policy.identityGraph === 'pdg' && (body.policy ?? 0) === defaultMerge.revision;
}

function merged({ profile, fragments }: ConsistentProfile, { attributeMerge }: MergePolicy): StoredProfile {
  if (fragments === undefined) return profile;
  return { ...profile, body: { ...profile.body, attributes: mergeFragments(fragments, attributeMerge) } };
}
