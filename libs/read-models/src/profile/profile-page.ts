import type { IdentityRef, Position } from '#core';
import type { Entry } from '#projection';

import type { DatasetCountsBody, EventStatistics, ProfileMember } from '../documents.js';
import type { FilledRange } from './filling.events.js';
import type { FragmentChange, FragmentLifecycle, ItemIngested, KnownIdentity } from './fragment-change.js';
import type { LinkBlocking } from './profile-change.js';
import type { ProfilesReevaluated } from './reevaluation.events.js';

export type FragmentEntry = Entry<FragmentChange>;

/** An item that only tells which identities belong together: its attributes or its event are dealt with already. */
export interface Association {
  readonly kind: 'association';
  readonly metadata: { readonly sandbox: string; readonly dataset: string; readonly ingestedAt: number };
  readonly owner: KnownIdentity;
  readonly others: readonly KnownIdentity[];
  readonly at: number;
  /** Position of the item. */
  readonly seen: Position;
  /** Of events that came with one. */
  readonly batch?: string | undefined;
}

/** Something that names identities. */
export type NamingEntry = Entry<ItemIngested | Association>;
/** Something that had an effect on what shows. */
export type EffectiveEntry = Entry<ItemIngested | Association | FragmentLifecycle>;

/** What a lifecycle event did to the events of its fragment. */
export interface FragmentEvents {
  /** Undefined: none are left. */
  readonly statistics: EventStatistics | undefined;
  /** Of each event that a reverted batch brought: the identities that it named. One or more. */
  readonly parted: readonly (readonly IdentityRef[])[];
}

/** Counts of the dataset of an entry change by this. */
export interface Counted {
  readonly entry: FragmentEntry;
  readonly what: Exclude<keyof DatasetCountsBody, 'sandbox' | 'dataset'>;
  readonly by: number;
}

/** A cluster as the graph has made it. */
export interface FoldedCluster {
  readonly members: readonly IdentityRef[];
  /** It is a part of a cluster that was over the limit. */
  readonly limited: boolean;
}

/** What the stages of one page tell each other. */
export interface ProfilePage {
  /** Ranges of profiles that are to be folded again by the rules that now stand. */
  readonly reevaluated: ProfilesReevaluated[];
  /** Ranges of owners for whom an attribute is to be computed from what is there. */
  readonly filled: FilledRange[];
  /** Links that somebody has blocked, or lets be again. */
  readonly blocked: Entry<LinkBlocking>[];
  /** In log order. */
  readonly effective: EffectiveEntry[];
  readonly lifecycles: Map<EffectiveEntry, FragmentEvents>;
  /** Beside the events among `effective`, which count as one each. */
  readonly counted: Counted[];
  /** Fragments of which the page loaded what became of them as a whole. */
  readonly guarded: Set<string>;
  /** Beginnings of timeline keys of which the page loaded all that there is. */
  readonly timelines: Set<string>;
  /** Identities that no profile had before this page, or that the page has found to be older than that. */
  readonly newMembers: Map<IdentityRef, ProfileMember>;
  /** The clusters that the page touched; set by the identity stage. */
  clusters: readonly FoldedCluster[];
}

export function beginProfilePage(): ProfilePage {
  return {
    reevaluated: [],
    filled: [],
    blocked: [],
    effective: [],
    lifecycles: new Map(),
    counted: [],
    guarded: new Set(),
    timelines: new Set(),
    newMembers: new Map(),
    clusters: [],
  };
}

export function isLifecycle(entry: EffectiveEntry): entry is Entry<FragmentLifecycle> {
  return entry.value.kind === 'lifecycle';
}
