import { hash } from 'node:crypto';

import type { Identity, IdentityRef, JsonObject, Position, SandboxId } from '#core';
import type { RecordFragment } from '#profile';
import type { CollectionSpec } from '#read-store';

/** Name of the projection that holds everything about people: one writer, one checkpoint. */
export const PROFILE_PROJECTION = 'profile';

/** A record fragment and whose it is. */
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
  /** Record datasets with a shown fragment, by owner. */
  readonly records: { readonly [owner: IdentityRef]: readonly string[] };
  /** By owner, then by dataset. */
  readonly events: { readonly [owner: IdentityRef]: { readonly [dataset: string]: EventStatistics } };
  /** Ingestion time of the last item that changed it, epoch milliseconds. */
  readonly lastModifiedAt: number;
}

export interface IdentityBody extends Identity {
  readonly sandbox: SandboxId;
  readonly firstSeen: number;
  readonly links: number;
}

export interface LinkBody {
  /** Position of the item that made the link. */
  readonly seen: Position;
  readonly a: IdentityRef;
  readonly b: IdentityRef;
  /** Association times by dataset, epoch milliseconds: event time for events, update time for records. */
  readonly datasets: { readonly [dataset: string]: { readonly first: number; readonly last: number } };
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

/** The body is the event as it came; `owner` is a `timelineOwner`; `revision` is that of the item that made the document. */
export const TIMELINE = {
  name: 'timeline',
  key: 'hash',
  columns: { owner: 'hash', at: 'time', dataset: 'text', type: 'text', revision: 'int' },
  indexes: [{ name: 'by_owner', columns: ['owner', 'at'] }],
} as const satisfies CollectionSpec;

export const IDENTITIES = {
  name: 'identities',
  key: 'hash',
  columns: {},
  indexes: [],
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

/** `exists` is 1 when any member has a shown fragment or event. */
export const PROFILES = {
  name: 'profiles',
  key: 'hash',
  columns: { members: 'hashes', sandbox: 'text', exists: 'int' },
  indexes: [
    { name: 'by_member', columns: ['members'] },
    { name: 'by_sandbox', columns: ['sandbox', 'exists'] },
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

/** Owner, then 64 bits of the dataset's hash: all fragments of an owner are one key range. */
export function fragmentKey(owner: IdentityRef, dataset: string): string {
  return owner + hash('sha256', dataset, 'hex').slice(0, 16);
}

/**
 * 64 bits of the owner, so that one person's items lie together, and 96 bits of the fingerprint of the client's id, which
 * is made over sandbox, dataset, owner and id (see `clientIdHash`). Two ids of one owner collide once in 2^48 ids; every
 * byte here is paid for twice per event.
 */
export function itemKey(owner: IdentityRef, idHash: string): string {
  return owner.slice(0, 16) + idHash.slice(0, 24);
}

/** What the timeline knows of an owner: 96 bits of the ref, which tell 2^40 people apart. */
export function timelineOwner(owner: IdentityRef): string {
  return owner.slice(0, 24);
}

export function linkKey(one: IdentityRef, other: IdentityRef): string {
  return one < other ? one + other : other + one;
}
