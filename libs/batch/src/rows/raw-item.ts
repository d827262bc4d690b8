/** One item of a request before anything is known about it: its text, or why it has none. */
export type RawItem = ItemPlace &
  ({ readonly text: string; readonly fault?: never } | { readonly fault: ItemFault; readonly text?: never });

export interface ItemPlace {
  /** Counts the items of the request from 0. */
  readonly index: number;
  /** Of NDJSON: counts all lines from 1. */
  readonly line?: number | undefined;
}

export type ItemFault = 'ITEM_TOO_LARGE' | 'INVALID_UTF8';

/** Bytes of one item as it comes. Far above honest ones; one row of the log must not stand for a megabyte. */
export const MAX_ITEM_BYTES = { record: 100 * 1024, upsert: 100 * 1024, event: 64 * 1024 } as const;
