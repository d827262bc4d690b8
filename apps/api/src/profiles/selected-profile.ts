import type { MergePolicy } from '#catalog';
import type { IdentityRef } from '#core';
import type { EventStatistics, ProfileBody } from '#read-models';

import type { StoredProfile } from './sandbox-view.js';

/** What a policy takes of a profile: whose, and of which datasets. */
export type Selection = Pick<MergePolicy, 'identityGraph' | 'attributeMerge'>;

/**
 * What a policy selects of the profile of an identity; the attributes stay as they are, and are to be merged anew.
 * `undefined` when the identity has no profile, which is judged before datasets are selected.
 */
export function selectedProfile(
  profile: StoredProfile | undefined,
  ref: IdentityRef,
  policy: Selection,
): StoredProfile | undefined {
  const own = policy.identityGraph === 'none' ? alone(profile, ref) : profile;
  if (own === undefined || !own.exists) return undefined;
  const { attributeMerge } = policy;
  if (attributeMerge.type !== 'dataSetPrecedence') return own;
  const isSelected = new Set(attributeMerge.order);
  const { records, events } = own.body;
  const body: ProfileBody = {
    ...own.body,
    records: mapValues(records, (datasets) => datasets.filter((dataset) => isSelected.has(dataset))),
    events: mapValues(events, (byDataset) => onlyOf(byDataset, isSelected)),
  };
  return { ...own, body };
}

/** The identity without its cluster, as if nothing had ever linked it. */
function alone(profile: StoredProfile | undefined, ref: IdentityRef): StoredProfile | undefined {
  const member = profile?.body.members.find((one) => one.ref === ref);
  if (profile === undefined || member === undefined) return undefined;
  const { records, events } = profile.body;
  const [held, happened] = [records[ref], events[ref]];
  const body: ProfileBody = {
    ...profile.body,
    members: [member],
    records: held === undefined ? {} : { [ref]: held },
    events: happened === undefined ? {} : { [ref]: happened },
    lastModifiedAt: member.changedAt ?? member.firstSeen,
  };
  return { ...profile, id: ref, exists: held !== undefined || happened !== undefined, body };
}

function onlyOf(
  byDataset: Readonly<Record<string, EventStatistics>>,
  isSelected: ReadonlySet<string>,
): Readonly<Record<string, EventStatistics>> {
  return Object.fromEntries(Object.entries(byDataset).filter(([dataset]) => isSelected.has(dataset)));
}

function mapValues<T>(object: Readonly<Record<string, T>>, map: (value: T) => T): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));
}
