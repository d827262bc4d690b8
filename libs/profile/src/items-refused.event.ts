import type { ErrorCode } from '#core';

/**
 * A request had items that were refused. Nothing of them is in the log, so this is all that is left of them: how many,
 * and why. One event per request, however many there were.
 */
export const ITEMS_REFUSED = 'ItemsRefused';

export interface ItemsRefused {
  readonly codes: readonly { readonly code: ErrorCode; readonly count: number }[];
}
