import type { IdentitySettings, IdType } from '#catalog';
import type { Identity, IdentityRef } from '#core';

import { blockedValues, type BlockedValues } from '../blocked-values.js';

/** An identity as the graph knows it: what decides about it besides its links. */
export interface GraphIdentity extends Identity {
  readonly ref: IdentityRef;
  readonly idType: IdType;
}

/** That two identities occurred together. Neither end is before the other. */
export interface GraphLink {
  /** One for each pair of identities. */
  readonly key: string;
  readonly a: IdentityRef;
  readonly b: IdentityRef;
  /** The newest association, epoch milliseconds. */
  readonly last: number;
  /** Where the log saw it first; sorts as a string. */
  readonly seen: string;
  /** By hand. */
  readonly blocked: boolean;
}

/** What decides about a graph besides its links. */
export interface GraphSettings {
  /** Codes of namespaces of which a cluster holds one identity at most; in any case. */
  readonly unique: ReadonlySet<string>;
  /** Codes of namespaces, the best first; in any case. */
  readonly priority: readonly string[];
  /** How many identities a cluster holds at most; at least 1. */
  readonly limit: number;
  readonly blockedValues: BlockedValues;
  /** How many links of an identity are considered, the newest first. */
  readonly candidates: number;
}

/** Of the reference platform: more links of one identity mean that it is not a person's. */
export const DEFAULT_CANDIDATES = 200;

export function graphSettings(settings: IdentitySettings): GraphSettings {
  return {
    unique: new Set(settings.unique),
    priority: settings.priority,
    limit: settings.maxIdentities,
    blockedValues: blockedValues(settings.blockedValues),
    candidates: DEFAULT_CANDIDATES,
  };
}

/** What became of a link, and why. */
export type LinkState =
  | { readonly state: 'active' }
  /** Somebody blocked it, or it has an end of which the value is blocked. */
  | { readonly state: 'blocked'; readonly reason: 'hand' | 'value' }
  /**
   * It would have put two identities of a unique namespace into one cluster. The reason is the code of that namespace;
   * of several the one that ranks best among those of which both sides, as step 2 leaves them, have an identity.
   */
  | { readonly state: 'excluded'; readonly reason: string }
  /** One of its ends has too many newer links, or left a cluster that was over the limit. */
  | { readonly state: 'evicted'; readonly reason: 'candidates' | 'limit' };

export const ACTIVE: LinkState = { state: 'active' };
export const BEYOND_CANDIDATES: LinkState = { state: 'evicted', reason: 'candidates' };
export const BEYOND_LIMIT: LinkState = { state: 'evicted', reason: 'limit' };

/** Whether step 2 considered the link, whatever it made of it. */
export function wasCandidate(state: LinkState | undefined): boolean {
  return wasJoined(state) || state?.state === 'excluded';
}

/** Whether step 2 took the link: then both its ends are in one component. */
export function wasJoined(state: LinkState | undefined): boolean {
  return state?.state === 'active' || (state?.state === 'evicted' && state.reason === 'limit');
}

/** `undefined`: a link that was never evaluated. */
export function isSameState(one: LinkState, other: LinkState | undefined): boolean {
  return one.state === other?.state && reasonOf(one) === reasonOf(other);
}

function reasonOf(state: LinkState): string | undefined {
  return state.state === 'active' ? undefined : state.reason;
}

/** The end of a link that is not `ref`. */
export function otherEnd({ a, b }: Pick<GraphLink, 'a' | 'b'>, ref: IdentityRef): IdentityRef {
  return a === ref ? b : a;
}
