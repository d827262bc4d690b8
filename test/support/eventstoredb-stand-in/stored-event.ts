/** What a client proposes to write. */
export interface ProposedEvent {
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

export interface StoredEvent extends ProposedEvent {
  readonly stream: string;
  readonly revision: bigint;
  /** Where the record begins in the log; commit and prepare position are the same. */
  readonly position: bigint;
  /** Where the record ends. */
  readonly end: bigint;
  /** When it was written, in ticks of 100 ns, as the server sends it. */
  readonly created: string;
}

/** A place in `$all`, as the protocol has it. */
export interface LogPosition {
  readonly commit: bigint;
  readonly prepare: bigint;
}

/** The revision of a tombstone, and the `$tb` of a soft-deleted stream: the largest long. */
export const DELETED_STREAM = 9223372036854775807n;

export const METADATA_TYPE = '$metadata';
export const TOMBSTONE_TYPE = '$streamDeleted';

export const metastreamOf = (stream: string): string => `$$${stream}`;
