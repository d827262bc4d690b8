import type { ErrorCode, FieldError, Identity, IdentityRef } from '#core';

import type { ItemMetadata } from '../fragment.events.js';

/** An item that may be appended, with everything that the append and the look for repeats need. */
export interface AcceptedItem {
  readonly outcome: 'accepted';
  readonly stream: string;
  readonly eventType: string;
  readonly owner: Identity;
  readonly ownerRef: IdentityRef;
  /** The item's JSON text without instructions. */
  readonly text: string;
  /** Data of the event: owner, other identities, item. */
  readonly data: string;
  /** Of the event; `undefined` when there is nothing that only this item has. */
  readonly metadata: ItemMetadata | undefined;
  /** `undefined`: repeats of the item are not recognised. */
  readonly clientId: ClientFingerprints | undefined;
  /** What `$ifRevision` asks for: a revision of the stream, or `none` for no fragment. */
  readonly expected: 'any' | 'none' | number;
  readonly warnings: readonly ItemWarning[];
}

/** Keyed fingerprints of the client's id and of the content, 32 hexadecimal digits each. */
export interface ClientFingerprints {
  readonly idHash: string;
  readonly contentHash: string;
}

/** The item is accepted all the same. */
export interface ItemWarning {
  readonly code: ErrorCode;
  readonly errors: readonly FieldError[];
}

export interface RejectedItem {
  readonly outcome: 'rejected';
  readonly code: ErrorCode;
  /** At least one. */
  readonly errors: readonly FieldError[];
}

export type PreparedItem = AcceptedItem | RejectedItem;

export function rejected(code: ErrorCode, errors: readonly FieldError[]): RejectedItem {
  return { outcome: 'rejected', code, errors };
}

/** A refusal of one place, or of the whole item (empty path). */
export function rejectedAt(code: ErrorCode, path: string, message: string): RejectedItem {
  return rejected(code, [{ path, keyword: code, message }]);
}
