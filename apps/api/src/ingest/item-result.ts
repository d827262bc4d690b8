import type { ItemPlace } from '#batch';

import type { ConditionedItem } from './fragment-conditions.js';
import type { ItemResult } from './item-results.js';
import type { Repeat } from './known-items.js';

/** What the log made of an item: the revision it got, or the revision at which `$ifRevision` found the fragment. */
export type LogAnswer =
  | { readonly writtenAt: number; readonly refusedAt?: never }
  | { readonly refusedAt: number; readonly writtenAt?: never };

/** The result of one item. Without an answer of the log: of one that was only validated. */
export function itemResult(place: ItemPlace, item: ConditionedItem, repeat?: Repeat, answer?: LogAnswer): ItemResult {
  // Not the place itself: a raw item is one, and its text must not go out again.
  const { index, line } = place;
  if (item.outcome === 'rejected') return { index, line, status: 'rejected', code: item.code, errors: item.errors };
  if (repeat !== undefined) return { index, line, status: 'duplicate', code: repeat };
  if (answer?.refusedAt !== undefined) return mismatch(place, answer.refusedAt);
  if (item.outcome === 'refused') return mismatch(place, item.actual);
  const accepted = { index, line, status: 'accepted', revision: answer?.writtenAt } as const;
  const [warning] = item.warnings;
  if (warning === undefined) return accepted;
  const errors = item.warnings.flatMap((one) => one.errors);
  return { ...accepted, code: warning.code, errors: errors.length === 0 ? undefined : errors };
}

function mismatch({ index, line }: ItemPlace, revision: number): ItemResult {
  const message = revision < 0 ? 'there is no fragment' : `the fragment is at revision ${revision}`;
  const code = 'REVISION_MISMATCH';
  const errors = [{ path: '$ifRevision', keyword: code, message }];
  return { index, line, status: 'rejected', code, errors, revision };
}
