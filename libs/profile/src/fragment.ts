import type { JsonObject, Position } from '#core';

/** What one record dataset holds under one owner. */
export interface RecordFragment {
  /** What shows in profiles; absent when nothing was ever shown. */
  readonly shown?: JsonObject;
  /** Everything the dataset holds, where that is not what shows. */
  readonly all?: JsonObject;
  /** Update time of what shows, epoch milliseconds. */
  readonly updatedAt: number;
  /** Log position of the event that made what shows: breaks ties. */
  readonly updatedPosition: Position;
  /** Source time of the last applied item, when it carried one. */
  readonly sourceTime?: number;
  /** Revision of the fragment's stream. */
  readonly revision: number;
}

/** A record as it reached the log. */
export interface RecordChange {
  readonly attributes: JsonObject;
  readonly shown: boolean;
  readonly sourceTime: number | undefined;
  readonly ingestedAt: number;
  readonly position: Position;
  readonly revision: number;
}

/**
 * A record replaces the fragment. One that was ingested while dataset or schema were not enabled is kept beside what
 * shows. The update time is the item's own: its source time if it carries one, else when it was ingested; never inherited.
 */
export function replaceFragment(before: RecordFragment | undefined, change: RecordChange): RecordFragment {
  const { attributes, shown, sourceTime, ingestedAt, position, revision } = change;
  const source = sourceTime === undefined ? {} : { sourceTime };
  if (shown) {
    return { shown: attributes, updatedAt: sourceTime ?? ingestedAt, updatedPosition: position, ...source, revision };
  }
  return {
    ...(before?.shown !== undefined && { shown: before.shown }),
    all: attributes,
    updatedAt: before?.shown === undefined ? (sourceTime ?? ingestedAt) : before.updatedAt,
    updatedPosition: before?.shown === undefined ? position : before.updatedPosition,
    ...source,
    revision,
  };
}
