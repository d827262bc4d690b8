// The answers of the HTTP contract, as far as the commands read them.
import type { JsonObject, JsonValue } from '#core';

/** What a list holds: lists come as `{items}`, those that are never paged as they are. */
export function listOf(body: unknown): readonly unknown[] {
  return Array.isArray(body) ? body : (body as { readonly items: readonly unknown[] }).items;
}

export interface IngestAnswer {
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: number;
  readonly results: readonly ItemResult[];
}

export interface ItemResult {
  readonly status: 'accepted' | 'duplicate' | 'rejected';
  /** Line of the body, from 1. */
  readonly line?: number;
  readonly code?: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}

export interface ProfileAnswer {
  readonly profileId: string;
  readonly attributes: JsonObject;
  readonly computedAttributes: { readonly [name: string]: ComputedValueAnswer };
  readonly identities: readonly IdentityAnswer[];
  readonly sources: readonly string[];
  readonly events: { readonly count: number; readonly last?: string };
  readonly lastModifiedAt: string;
}

export interface ComputedValueAnswer {
  readonly value?: JsonValue;
  readonly at?: string;
  readonly complete: boolean;
}

export interface IdentityAnswer {
  readonly namespace: string;
  readonly id: string;
}

/** The identities of a profile and the links between them. */
export interface ClusterAnswer {
  readonly profileId: string;
  readonly identities: readonly (IdentityAnswer & { readonly firstSeen: string; readonly lastSeen: string })[];
  readonly links: readonly LinkAnswer[];
  readonly next?: string;
}

export interface LinkAnswer {
  readonly a: IdentityAnswer;
  readonly b: IdentityAnswer;
  readonly first: string;
  readonly last: string;
  readonly datasets: readonly string[];
  readonly state: string;
  readonly reason?: string;
}

export interface LineageAnswer {
  readonly mergePolicy: { readonly id: string; readonly version: number };
  readonly leaves: readonly LineageLeaf[];
}

/** A value, the fragment that has it, and what decided. */
export interface LineageValue {
  readonly value: JsonValue;
  readonly dataset: string;
  readonly identity: IdentityAnswer;
  readonly at: string;
  readonly fragmentUpdatedAt: string;
  readonly rule: string;
}

export interface LineageLeaf extends LineageValue {
  readonly path: string;
  /** `path`: where one stood that lost further up. */
  readonly losers: readonly (LineageValue & { readonly path?: string })[];
}

export interface DeleteAnswer {
  readonly fragments: number;
  /** Of the same profile. */
  readonly remainingFragments: number;
}

export interface EventAnswer {
  readonly id: string;
  readonly dataset: string;
  readonly timestamp: string;
  readonly eventType?: string;
  readonly data: JsonObject;
}

export interface ProjectionAnswer {
  readonly name: string;
  readonly state: 'live' | 'building' | 'retired';
  readonly position: string;
  readonly lagSeconds: number;
}

/** What a request answers that takes a while. */
export interface JobStarted {
  readonly job: string;
}

export interface JobAnswer {
  readonly state: 'requested' | 'running' | 'succeeded' | 'failed';
  readonly progress?: {
    readonly done?: number;
    readonly ratio?: number;
    readonly remainingSeconds?: number;
    readonly phase?: string;
  };
  /** RFC 3339. */
  readonly requestedAt: string;
  readonly endedAt?: string;
  readonly result?: JsonObject;
  readonly error?: { readonly code: string; readonly message: string };
}

/** What a verification found. */
export interface VerifyResult {
  readonly compared: number;
  readonly differenceCount: number;
  /** The first 100. */
  readonly differences: readonly {
    readonly collection: string;
    readonly key: string;
    readonly kind: 'missing' | 'extra' | 'different';
    readonly live?: unknown;
    readonly fresh?: unknown;
  }[];
}

export interface ReceivedBatchAnswer {
  readonly id: string;
  readonly status: string;
  readonly duplicateOf?: string;
}

export interface BatchAnswer {
  readonly id: string;
  readonly dataset: string;
  readonly status: 'received' | 'validating' | 'processing' | 'success' | 'failed' | 'aborted' | 'reverted';
  readonly rows: {
    readonly read: number;
    readonly accepted: number;
    readonly rejected: number;
    readonly duplicates: number;
  };
  readonly errors: readonly CodeCount[];
  readonly warnings: readonly CodeCount[];
  readonly failure?: { readonly code: string; readonly message: string };
  /** RFC 3339. */
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly duplicateOf?: string;
}

export interface CodeCount {
  readonly code: string;
  readonly count: number;
}

export interface RejectedRowAnswer {
  readonly line: number;
  readonly code: string;
  readonly errors: readonly { readonly path: string; readonly message: string }[];
}
