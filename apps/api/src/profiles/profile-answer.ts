import type { MergePolicy } from '#catalog';
import { selectFields, toRfc3339, type DataPath, type Identity, type IdentityRef } from '#core';
import type { ProfileBody, ProfileMember } from '#read-models';

import type { ComputedValues } from '../computed-attributes/computed-value.dto.js';
import type { EventSummary, ProfileAnswer, ProfileContentAnswer, ProfileSummary } from './profile-answers.dto.js';
import type { StoredProfile } from './sandbox-view.js';

/** What an answer is put together from beside the profile. */
interface AnswerParts {
  /** Of its attributes; all by default. */
  readonly fields: readonly DataPath[] | undefined;
  /** Its computed attributes. */
  readonly computed: ComputedValues;
}

/** `identity`: the one that was asked for; the profile's first one by default. */
export function profileAnswer(
  profile: StoredProfile,
  { id, version }: MergePolicy,
  { fields, computed }: AnswerParts,
  identity: Identity = plain(profile.body.members[0] as ProfileMember),
): ProfileAnswer {
  return { identity, mergePolicy: { id, version }, ...profileContent(profile, { fields, computed }) };
}

/** What there is to tell of a profile, whoever asks for it. */
export function profileContent(
  { id, body }: StoredProfile,
  { fields, computed }: AnswerParts,
): Pick<ProfileContentAnswer, keyof ProfileContentAnswer> {
  const records = Object.values(body.records).flat();
  const events = Object.values(body.events).flatMap((byDataset) => Object.entries(byDataset));
  return {
    profileId: id,
    attributes: fields === undefined ? body.attributes : selectFields(body.attributes, fields),
    computedAttributes: computed,
    identities: identitiesOf(body),
    sources: [...new Set([...records, ...events.map(([dataset]) => dataset)])].sort(),
    fragments: records.length + events.length,
    events: eventsAnswer(events.map(([, statistics]) => statistics)),
    lastModifiedAt: toRfc3339(body.lastModifiedAt),
  };
}

/** A line of the list of profiles. */
export function profileSummary(profileId: IdentityRef, body: ProfileBody): ProfileSummary {
  return { profileId, identities: identitiesOf(body), lastModifiedAt: toRfc3339(body.lastModifiedAt) };
}

function identitiesOf({ members }: ProfileBody): readonly Identity[] {
  return members.map(plain);
}

/** Without what the read model keeps beside it. */
function plain({ namespace, id }: ProfileMember): Identity {
  return { namespace, id };
}

function eventsAnswer(statistics: readonly { readonly count: number; readonly last: number }[]): EventSummary {
  const count = statistics.reduce((sum, one) => sum + one.count, 0);
  // Not `Math.max(...)`: a cluster may have more owners than a call takes arguments.
  const last = statistics.reduce((latest, one) => Math.max(latest, one.last), Number.NEGATIVE_INFINITY);
  return count === 0 ? { count } : { count, last: toRfc3339(last) };
}
