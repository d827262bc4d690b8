import type { ErrorCode } from '#core';

import type { PackedAppend } from './packed-append.js';

/** What a client asks of the writer. `ticket` comes back with the answer. */
export type WriterRequest =
  | { readonly kind: 'append'; readonly ticket: number; readonly append: PackedAppend }
  | { readonly kind: 'delete'; readonly ticket: number; readonly stream: string };

export type WriterResult =
  | { readonly kind: 'appended'; readonly append: AppendedWrites }
  | { readonly kind: 'deleted'; readonly deleted: boolean }
  /** Nothing was written, unless the code is `LOG_OUTCOME_UNKNOWN`. */
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string };

/** Aligned with the writes of the request. */
export interface AppendedWrites {
  /** Of the write's last event; of the stream when the write was refused. */
  readonly revisions: readonly number[];
  /** Of the write's last event; 0 when it was refused. */
  readonly positions: readonly number[];
}

/** To every client after each commit, and once when it is connected. */
export interface CommitNotice {
  readonly head: number;
  readonly answers: readonly WriterAnswer[];
}

export interface WriterAnswer {
  readonly ticket: number;
  readonly result: WriterResult;
}
