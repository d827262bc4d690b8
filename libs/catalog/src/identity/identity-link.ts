import { hash } from 'node:crypto';

import { lengthPrefixed, type Identity } from '#core';

/** Two identities that a person said are not to be linked, as HTTP answers it. */
export interface BlockedLink {
  readonly a: Identity;
  readonly b: Identity;
  readonly reason: string;
  readonly by: string;
  /** RFC 3339. */
  readonly blockedAt: string;
}

/** Keys of pairs that are blocked. */
export type BlockedLinks = ReadonlySet<string>;

/** Of two identities, whichever comes first. A digest: values may be a thousand characters long. */
export function pairKey(a: Identity, b: Identity): string {
  const ends = [a, b].map(({ namespace, id }) => lengthPrefixed([namespace, id])).sort();
  return hash('sha256', lengthPrefixed(ends), 'hex').slice(0, 32);
}
