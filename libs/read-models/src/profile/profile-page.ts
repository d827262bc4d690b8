import type { IdentityRef } from '#core';
import type { Entry } from '#projection';

import type { ProfileMember } from '../documents.js';
import type { FragmentChange } from './fragment-change.js';

export type FragmentEntry = Entry<FragmentChange>;

/** An item without effect: its id had been applied, with the same content or with other content. */
export interface Repeat {
  readonly entry: FragmentEntry;
  readonly outcome: 'duplicate' | 'id-reused';
}

/** What the stages of one page tell each other. */
export interface ProfilePage {
  /** Items that had an effect on what shows, in log order. */
  readonly effective: FragmentEntry[];
  readonly repeats: Repeat[];
  /** Identities that no profile had before this page. */
  readonly newMembers: Map<IdentityRef, ProfileMember>;
  /** The clusters that the page touched, as the refs of their members; set by the identity stage. */
  clusters: readonly (readonly IdentityRef[])[];
}

export function beginProfilePage(): ProfilePage {
  return { effective: [], repeats: [], newMembers: new Map(), clusters: [] };
}
