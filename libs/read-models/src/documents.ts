import { hash } from 'node:crypto';

import type { Identity, IdentityRef, JsonObject, Position, SandboxId } from '#core';
import type { LinkState } from '#identity';
import type { RecordFragment } from '#profile';
import type { CollectionSpec } from '#read-store';

/** Name of the projection that holds everything about people: one writer, one checkpoint. */
export const PROFILE_PROJECTION = 'profile';

/** A record fragment and whose it is; of an event fragment only when it was deleted or backfilled or had a batch reverted. */
export interface FragmentBody extends RecordFragment {
  readonly sandbox: SandboxId;
  readonly dataset: string;
  readonly owner: Identity;
}

export interface ProfileMember extends Identity {
  readonly ref: IdentityRef;
  /** Ingestion time of the item that named it first, epoch milliseconds. */
  readonly firstSeen: number;
  /** Where the log named it first: position of the item, then its place in the item. Sorts as a string. */
  readonly seen: string;
  /**
   * When something last changed what it owns, or tore it from others: ingestion time, epoch milliseconds. Kept by member,
   * so that it goes along when clusters join and part; absent while there was nothing.
   */
  readonly changedAt?: number;
}

/** How many events one owner has in one dataset, and the newest event time. */
export interface EventStatistics {
  readonly count: number;
  /** Epoch milliseconds. */
  readonly last: number;
}

/** The merged view of one cluster under the default policy. The document's key is the ref of its first member. */
export interface ProfileBody {
  readonly sandbox: SandboxId;
  /** In the order in which the log saw them. */
  readonly members: readonly ProfileMember[];
  readonly attributes: JsonObject;
  /** Under which rule they were merged: `revision` of a `DefaultMerge`. Absent: 0, as it came with the sandbox. */
  readonly policy?: number;
  /** Record datasets with a shown fragment, by owner. */
  readonly records: { readonly [owner: IdentityRef]: readonly string[] };
  /** By owner, then by dataset. */
  readonly events: { readonly [owner: IdentityRef]: { readonly [dataset: string]: EventStatistics } };
  /** Ingestion time of the last item that changed it, epoch milliseconds: the latest of its members'. */
  readonly lastModifiedAt: number;
  /** Version of the identity settings under which it became this cluster; absent: 0, those that every sandbox begins with. */
  readonly settings?: number;
  /** It is a part of a cluster that was over the limit. */
  readonly limited?: true;
}

export interface IdentityBody extends Identity {
  readonly sandbox: SandboxId;
  readonly firstSeen: number;
  readonly links: number;
}

export interface LinkBody {
  /**
   * Where the log saw the pair first: position of the item, then the places of both in the item. Sorts as a string.
   */
  readonly seen: string;
  readonly a: IdentityRef;
  readonly b: IdentityRef;
  /** By dataset: of records, and of events that came without a batch. */
  readonly datasets: { readonly [dataset: string]: AssociationTimes };
  /** By batch, of events: a batch can be reverted. Absent when there are none. */
  readonly batches?: { readonly [batch: string]: AssociationTimes & { readonly dataset: string } };
  /** What the graph makes of it; absent: it is active. */
  readonly state?: Exclude<LinkState, { readonly state: 'active' }>;
  /** Somebody has blocked it. Such a link stays when nothing associates its ends any more. */
  readonly block?: LinkBlock;
}

export interface LinkBlock {
  readonly reason: string;
  readonly by?: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** Epoch milliseconds: event time for events, update time for records. */
export interface AssociationTimes {
  readonly first: number;
  readonly last: number;
}

/** Everything that a link rests on. */
export function associationsOf({
  datasets,
  batches = {},
}: Pick<LinkBody, 'datasets' | 'batches'>): readonly (AssociationTimes & { readonly dataset: string })[] {
  return [...Object.entries(datasets).map(([dataset, times]) => ({ dataset, ...times })), ...Object.values(batches)];
}

/** An item that came in while dataset or schema were not enabled: what a backfill needs to let it show. */
export interface HiddenBody {
  /** Position of the item. */
  readonly seen: Position;
  readonly ingestedAt: number;
  /** As of the item: when its identities were associated. */
  readonly at: number;
  readonly others: readonly (Identity & { readonly ref: IdentityRef })[];
  /** Of events. */
  readonly event?: {
    /** Key in the timeline. */
    readonly key: string;
    /** The item's JSON text as it came. */
    readonly text: string;
    readonly type?: string;
    readonly batch?: string;
  };
}

export const FRAGMENTS = {
  name: 'fragments',
  key: 'hash',
  columns: {},
  indexes: [],
} as const satisfies CollectionSpec;

export const APPLIED = {
  name: 'applied',
  key: 'hash',
  columns: { content: 'hash', revision: 'int' },
  indexes: [],
} as const satisfies CollectionSpec;

/**
 * The body is the event as it came; `owner` is a `timelineOwner`; `revision` is that of the item that made the document.
 * Of events that came with a batch: `batch` and, where they name others, `others`: their refs with commas between them.
 */
export const TIMELINE = {
  name: 'timeline',
  key: 'hash',
  columns: { owner: 'hash', at: 'time', dataset: 'text', type: 'text', revision: 'int', batch: 'text', others: 'text' },
  indexes: [{ name: 'by_owner', columns: ['owner', 'at'] }],
} as const satisfies CollectionSpec;

/** Items that do not show, by fragment and revision. */
export const HIDDEN = {
  name: 'hidden',
  key: 'hash',
  columns: {},
  indexes: [],
} as const satisfies CollectionSpec;

/** `links`: only of identities with unusually many (`UNUSUAL_LINKS`), so that the index holds those. */
export const IDENTITIES = {
  name: 'identities',
  key: 'hash',
  columns: { sandbox: 'text', links: 'int' },
  indexes: [{ name: 'by_links', columns: ['sandbox', 'links'] }],
} as const satisfies CollectionSpec;

/** Kept once per pair, `a` before `b`; found from both ends. */
export const LINKS = {
  name: 'links',
  key: 'hash',
  columns: { a: 'hash', b: 'hash', last: 'time' },
  indexes: [
    { name: 'by_a', columns: ['a', 'last'] },
    { name: 'by_b', columns: ['b', 'last'] },
  ],
} as const satisfies CollectionSpec;

/**
 * `exists` is 1 when any member has a shown fragment or event. `size`: how many members it has, only near the limit
 * (`isNearLimit`), so that the index holds those.
 */
export const PROFILES = {
  name: 'profiles',
  key: 'hash',
  columns: { members: 'hashes', sandbox: 'text', exists: 'int', size: 'int' },
  indexes: [
    { name: 'by_member', columns: ['members'] },
    { name: 'by_sandbox', columns: ['sandbox', 'exists'] },
    { name: 'by_size', columns: ['sandbox', 'size'] },
  ],
} as const satisfies CollectionSpec;

/** What came in for one dataset and what became of it. Counted by the projection, so it is exact after a rebuild. */
export interface DatasetCountsBody {
  readonly sandbox: SandboxId;
  readonly dataset: string;
  /** Shown events. */
  readonly events: number;
  /** Fragments, shown or not: one per owner with at least one item. */
  readonly recordFragments: number;
  /** Items that were without effect because their id had been applied with the same content. */
  readonly duplicates: number;
  /** Items that were without effect because their id had been applied with other content. */
  readonly idsReused: number;
  /** Items that were without effect because the fragment had a newer source time, in a dataset that is ordered by it. */
  readonly stale: number;
  /** Patches that were without effect because the fragment would have outgrown its limit. */
  readonly oversized: number;
}

export const DATASET_COUNTS = {
  name: 'dataset_counts',
  key: 'text',
  columns: {},
  indexes: [],
} as const satisfies CollectionSpec;

export function datasetCountsKey(sandbox: SandboxId, dataset: string): string {
  return `${sandbox}/${dataset}`;
}

/** A person has a few dozen identities: more links are those of something that many share, or of a test. */
export const UNUSUAL_LINKS = 50;

/** Of the limit: from here on a cluster is watched. */
const NEAR_LIMIT = 0.8;

/** Whether a cluster of so many identities is at the limit, or will soon be. */
export function isNearLimit(size: number, limit: number): boolean {
  return size >= limit * NEAR_LIMIT;
}

/** Owner, then 64 bits of the dataset's hash: all fragments of an owner are one key range. */
export function fragmentKey(owner: IdentityRef, dataset: string): string {
  return owner + hash('sha256', dataset, 'hex').slice(0, 16);
}

export function hiddenKey(fragment: string, revision: number): string {
  return fragment + revision.toString(16).padStart(8, '0');
}

/**
 * 64 bits of the owner, so that one person's items lie together, and 96 bits of the fingerprint of the client's id, which
 * is made over sandbox, dataset, owner and id (see `clientIdHash`). Two ids of one owner collide once in 2^48 ids; every
 * byte here is paid for twice per event.
 */
export function itemKey(owner: IdentityRef, idHash: string): string {
  return ownerPrefix(owner) + idHash.slice(0, 24);
}

/** What the keys of all items of an owner begin with; those of a few others may, too. */
export function ownerPrefix(owner: IdentityRef): string {
  return owner.slice(0, 16);
}

/** What the timeline knows of an owner: 96 bits of the ref, which tell 2^40 people apart. */
export function timelineOwner(owner: IdentityRef): string {
  return owner.slice(0, 24);
}

export function linkKey(one: IdentityRef, other: IdentityRef): string {
  return one < other ? one + other : other + one;
}
