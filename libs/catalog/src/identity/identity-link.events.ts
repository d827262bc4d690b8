import { toRfc3339, type Identity } from '#core';

import type { BlockedLink } from './identity-link.js';

export const IDENTITY_LINK_BLOCKED = 'IdentityLinkBlocked';
export const IDENTITY_LINK_UNBLOCKED = 'IdentityLinkUnblocked';

/** Which link, why, and who said so. Namespaces as defined, values normalised. */
export interface LinkVerdict {
  readonly a: Identity;
  readonly b: Identity;
  readonly reason: string;
  readonly by: string;
}

/** The two are not linked, whatever names them together. */
export interface IdentityLinkBlocked {
  readonly type: typeof IDENTITY_LINK_BLOCKED;
  readonly data: LinkVerdict;
}

/** They are linked again if something names them together, before or after. */
export interface IdentityLinkUnblocked {
  readonly type: typeof IDENTITY_LINK_UNBLOCKED;
  readonly data: LinkVerdict;
}

export type IdentityLinkEvent = IdentityLinkBlocked | IdentityLinkUnblocked;

/** `undefined` while it is not blocked. `at`: epoch milliseconds. */
export function evolveBlockedLink(event: IdentityLinkEvent, at: number): BlockedLink | undefined {
  return event.type === IDENTITY_LINK_BLOCKED ? { ...event.data, blockedAt: toRfc3339(at) } : undefined;
}
