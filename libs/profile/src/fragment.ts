import { canonicalJson, type JsonObject, type Position } from '#core';

import { changedState, type FragmentState } from './leaf-changes.js';
import { applyPatch, type Patch } from './patch.js';

/** What one dataset holds under one owner. Of an event fragment, whose events stand elsewhere, only its deletes. */
export interface RecordFragment {
  /** What shows in profiles; absent when nothing does. */
  readonly shown?: FragmentState;
  /** Everything the dataset holds, where that is not what shows. */
  readonly all?: FragmentState;
  /**
   * Source time of the last applied item, when it carried one. Epoch milliseconds. Under `ordering: "source"` the newest
   * there was, also before a delete.
   */
  readonly sourceTime?: number;
  /** Revision of the fragment's stream. */
  readonly revision: number;
  /** Revisions at which it was deleted; absent when it never was. Each released the ids that were applied before. */
  readonly deletes?: readonly number[];
}

/** An item as it reached the log. */
export interface ItemChange {
  /** What it says: a whole record, which replaces, or a patch. */
  readonly content: { readonly record: JsonObject } | { readonly patch: Patch };
  readonly shown: boolean;
  readonly sourceTime: number | undefined;
  /** Under `source` an item that is not newer than the fragment is without effect. */
  readonly ordering: 'arrival' | 'source';
  readonly ingestedAt: number;
  readonly position: Position;
  readonly revision: number;
}

export interface ChangedFragment {
  /**
   * `stale`: not newer than what the fragment has had, under `ordering: "source"`; `oversized`: the patch would have let
   * the fragment outgrow `MAX_FRAGMENT_CHARACTERS`. Then only its revision has moved on.
   */
  readonly outcome: 'applied' | 'stale' | 'oversized';
  readonly fragment: RecordFragment;
}

/**
 * JSON text of one fragment. A record is far smaller; only patches that append for ever come here, and an engine takes no
 * document over 16 MB, nor a profile that is merged from many.
 */
export const MAX_FRAGMENT_CHARACTERS = 1_000_000;

/** Whether the dataset holds anything under the owner now, be it shown or not. */
export function holdsAttributes(fragment: RecordFragment | undefined): fragment is RecordFragment {
  return fragment?.shown !== undefined || fragment?.all !== undefined;
}

/** Everything that the dataset holds under the owner, shown or not; `undefined` when there is no fragment. */
export function wholeState({ all, shown }: RecordFragment): FragmentState | undefined {
  return all ?? shown;
}

/**
 * A fragment after an item: a record replaces it, an upsert patches it. An item that came in while dataset or schema were
 * not enabled changes only what is kept beside what shows. The update time is the item's own: its source time if it
 * carries one, else when it was ingested; never inherited.
 */
export function changeFragment(before: RecordFragment | undefined, change: ItemChange): ChangedFragment {
  const { sourceTime, ordering, revision } = change;
  if (ordering === 'source' && !isNewer(sourceTime, before?.sourceTime)) {
    return { outcome: 'stale', fragment: { ...before, revision } };
  }
  const states = statesAfter(before, change);
  if (states === 'oversized') return { outcome: 'oversized', fragment: { ...before, revision } };
  return {
    outcome: 'applied',
    fragment: {
      ...states,
      ...(sourceTime !== undefined && { sourceTime }),
      revision,
      ...(before?.deletes !== undefined && { deletes: before.deletes }),
    },
  };
}

/** Nothing is left but what decides about later items: source time, and where ids were released. */
export function deleteFragment(before: RecordFragment | undefined, revision: number): RecordFragment {
  return {
    ...(before?.sourceTime !== undefined && { sourceTime: before.sourceTime }),
    revision,
    deletes: [...(before?.deletes ?? []), revision],
  };
}

/** Everything shows, as if the dataset had been enabled from the start. */
export function backfillFragment({ all, ...before }: RecordFragment, revision: number): RecordFragment {
  return { ...before, ...(all !== undefined && { shown: all }), revision };
}

/** Whether an id that was applied at revision `applied` is free again for an item at revision `at`. */
export function isReleased({ deletes = [] }: RecordFragment, applied: number, at: number): boolean {
  return deletes.some((deleted) => applied < deleted && deleted < at);
}

function isNewer(sourceTime: number | undefined, before: number | undefined): boolean {
  return sourceTime !== undefined && (before === undefined || sourceTime > before);
}

function statesAfter(
  before: RecordFragment | undefined,
  change: ItemChange,
): Pick<RecordFragment, 'shown' | 'all'> | 'oversized' {
  const all = stateAfter(before && wholeState(before), change);
  if (all === 'oversized') return all;
  if (!change.shown) return { ...(before?.shown !== undefined && { shown: before.shown }), all };
  if (before?.all === undefined) return { shown: all };
  const shown = stateAfter(before.shown, change);
  if (shown === 'oversized') return shown;
  return isSameState(shown, all) ? { shown } : { shown, all };
}

/** Of two states after the same item. */
function isSameState(one: FragmentState, other: FragmentState): boolean {
  const text = ({ attributes, changes = [] }: FragmentState) => canonicalJson([attributes, changes as never]);
  return text(one) === text(other);
}

function stateAfter(before: FragmentState | undefined, change: ItemChange): FragmentState | 'oversized' {
  const { content, sourceTime, ingestedAt, position } = change;
  const attributes = 'record' in content ? content.record : applyPatch(before?.attributes ?? {}, content.patch);
  if ('patch' in content && JSON.stringify(attributes).length > MAX_FRAGMENT_CHARACTERS) return 'oversized';
  return changedState(before, attributes, { updatedAt: sourceTime ?? ingestedAt, updatedPosition: position });
}
