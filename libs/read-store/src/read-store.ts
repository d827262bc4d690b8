import type { Position } from '#core';

/**
 * `hash`: even number of hexadecimal digits, compared as bytes; `hashes`: a list of them, found by any member; `text`:
 * compared by UTF-8 bytes; `int`: safe integer; `time`: milliseconds since the Unix epoch. A hash among `hashes` has at
 * most 255 bytes. No text has lone surrogates, bodies included: UTF-8 could not keep them.
 */
export type ColumnType = 'hash' | 'hashes' | 'text' | 'int' | 'time';
export type ColumnValue = string | number | readonly string[];

/** Columns are what a collection is found and filtered by; all else is the body. */
export interface CollectionSpec {
  /** Lower-case letters, digits and single `_`, as for columns and indexes. */
  readonly name: string;
  readonly key: 'hash' | 'text';
  readonly columns: Readonly<Record<string, ColumnType>>;
  readonly indexes: readonly IndexSpec[];
}

/**
 * A compound index in column order; a `hashes` column stands alone in its index. A document that lacks one of the columns
 * is not in the index.
 */
export interface IndexSpec {
  readonly name: string;
  readonly columns: readonly string[];
}

/**
 * One version of one projection: the unit that is filled, switched, dropped. The projection's name has lower-case letters,
 * digits and `_`, and no part such as `_v1`.
 */
export interface ProjectionVersion {
  readonly projection: string;
  readonly version: number;
}

export interface ProjectionLayout extends ProjectionVersion {
  readonly collections: readonly CollectionSpec[];
}

export interface StoredDocument {
  readonly key: string;
  /** Position of the commit that wrote it: everything up to there that concerns it is in it. */
  readonly position: Position;
  readonly columns: Readonly<Record<string, ColumnValue>>;
  /** JSON text; the store keeps it verbatim and never looks inside. */
  readonly body: string;
}

export interface DocumentWrite {
  readonly collection: string;
  readonly key: string;
  /** `delete` leaves a tombstone that reads do not show, so that a late writer cannot bring the document back. */
  readonly action: 'put' | 'delete';
  /** Every column of the collection on `put` (a column may be left out: then it is not indexed); empty on `delete`. */
  readonly columns: Readonly<Record<string, ColumnValue>>;
  readonly body: string;
}

export interface Commit {
  /** From `claim`; a commit under an older epoch is refused with `FENCED`, and nothing of it is visible afterwards as a checkpoint. */
  readonly epoch: number;
  /** Stamped on every document. A document already at this position or later is left as it is: that is success. */
  readonly position: Position;
  /** Each key of a collection at most once. */
  readonly writes: readonly DocumentWrite[];
  /**
   * Recorded with the checkpoint, for lag: when the newest folded event was ingested, epoch milliseconds. Left out: the
   * time that is recorded stays.
   */
  readonly ingestedAt?: number;
}

export interface Checkpoint {
  readonly position: Position;
  readonly epoch: number;
  readonly ingestedAt?: number;
}

export interface ScanOptions {
  /** By this index; by the key when left out. */
  readonly index?: string;
  /** Values of the leading columns of the index, compared for equality. */
  readonly equals?: readonly (string | number)[];
  /** Only keys that begin with this (without `index`). A `hash` prefix has an even number of digits. */
  readonly keyPrefix?: string;
  /** Range on the index column after those in `equals`, or on the key: from inclusive, to exclusive. */
  readonly from?: string | number;
  readonly to?: string | number;
  /** Further equality filters on columns that need not be in the index. */
  readonly where?: Readonly<Record<string, string | number>>;
  /** Order of that range column, then of the key; ascending by default. */
  readonly order?: 'asc' | 'desc';
  readonly limit: number;
  /** Go on behind this document of an earlier page: its key and, when a column is the range, its value there. */
  readonly after?: { readonly value?: string | number; readonly key: string };
  /** False answers bodies as empty strings, where the engine can then read less. True by default. */
  readonly body?: boolean;
}

/** Scans of one index for several values of its first column. */
export interface ScanEachOptions {
  readonly index: string;
  /** Each at most once. */
  readonly values: readonly (string | number)[];
  /** Of the column after that one, then of the key; ascending by default. */
  readonly order?: 'asc' | 'desc';
  /** Documents for each value. */
  readonly limit: number;
}

/** Reads of one version. Documents that are deleted are not there. `STORE_UNAVAILABLE` unless the version is deployed. */
export interface DocumentReader {
  /** Aligned with `keys`. */
  get(
    collection: string,
    keys: readonly string[],
    options?: { readonly body?: boolean },
  ): Promise<readonly (StoredDocument | undefined)[]>;
  /**
   * Documents whose `hashes` column holds the value, by the index on that column; aligned with `values`. More than one
   * is possible only while a commit is half done: the caller takes the one with the latest position.
   */
  findByMember(
    collection: string,
    index: string,
    values: readonly string[],
  ): Promise<readonly (readonly StoredDocument[])[]>;
  scan(collection: string, options: ScanOptions): Promise<readonly StoredDocument[]>;
  /** What a scan with `equals` would answer for each of the values, aligned with them, in far fewer requests to a server. */
  scanEach(collection: string, options: ScanEachOptions): Promise<readonly (readonly StoredDocument[])[]>;
  count(collection: string): Promise<number>;
}

/** Which version readers use, which one is being filled beside it, and which ones wait for rollback. */
export interface RegistryEntry {
  readonly active: number;
  readonly building?: number;
  readonly retired: readonly number[];
}

/**
 * The right to do something alone, as the store records it. It is held for as long as `beat` moves: who finds the same
 * beat for a whole term on its own monotonic clock may take the lease over, so no two clocks are ever compared.
 */
export interface Lease {
  /** Who holds it; empty when it was given back. */
  readonly holder: string;
  /** The fencing token: rises each time that the lease is taken, never falls. From 1. */
  readonly epoch: number;
  /** Raised by the holder. From 0 in each epoch. */
  readonly beat: number;
}

/** Leases by name (lower-case letters, digits, `_`). Each change is one compare-and-set. Rejects with `STORE_UNAVAILABLE` or `STORE_FULL`. */
export interface LeaseStore {
  /** `undefined` when nobody ever took it. */
  lease(name: string): Promise<Lease | undefined>;
  /** Takes it for `holder` when it is still as `seen`; otherwise `undefined`, and nothing changed. */
  takeLease(name: string, seen: Lease | undefined, holder: string): Promise<Lease | undefined>;
  /** Raises the beat when it is still as `held`; `undefined` when somebody has taken it over. */
  renewLease(name: string, held: Lease): Promise<Lease | undefined>;
  /** Gives it back when `held` is still its holder and epoch, whatever the beat; otherwise nothing happens. */
  releaseLease(name: string, held: Lease): Promise<void>;
}

/**
 * Documents of projections, kept by an engine. Rejects with `STORE_UNAVAILABLE`, `STORE_FULL` or the codes named below;
 * with a `TypeError`, before anything is written, for what no engine could do: an unknown collection, column or index, a
 * value of another type.
 */
export interface ReadStore extends LeaseStore {
  /**
   * Creates what is missing of the collections and their indexes; repeatable. `LAYOUT_DIFFERS` when the version is there
   * with another layout.
   */
  deploy(layout: ProjectionLayout): Promise<void>;
  /** Removes a version and its checkpoint; repeatable. Who had claimed it stays fenced, also when it is deployed again. */
  drop(version: ProjectionVersion): Promise<void>;
  reader(version: ProjectionVersion): DocumentReader;
  /**
   * Takes the right to write a deployed version: raises its epoch and fences whoever had it. `token` is the epoch of the
   * lease under which the caller works (0 by default): `FENCED` when the version was claimed under a later one, so that a
   * holder who slept through the loss of its lease cannot fence the new one.
   */
  claim(version: ProjectionVersion, token?: number): Promise<Checkpoint>;
  /**
   * Writes documents, then the checkpoint; a crash in between is harmless when the page comes again: an engine without
   * transactions writes collection after collection, in the order in which `writes` first names them, and within one a
   * document that takes a member over before the one that gives it up. The checkpoint never
   * goes back: a commit at an earlier position than the checkpoint's writes what its guards let through, and no more.
   */
  commit(version: ProjectionVersion, commit: Commit): Promise<void>;
  /** `undefined` for a version that nobody has claimed. */
  checkpoint(version: ProjectionVersion): Promise<Checkpoint | undefined>;
  registry(projection: string): Promise<RegistryEntry | undefined>;
  /** Compare-and-set: false when the entry is no longer `expected`. */
  setRegistry(projection: string, expected: RegistryEntry | undefined, next: RegistryEntry): Promise<boolean>;
  /** Removes tombstones that the checkpoint has passed and that an earlier epoch wrote; answers how many. */
  sweep(version: ProjectionVersion): Promise<number>;
  /** Bytes that the store takes on disk, where the engine can tell. */
  sizeOnDisk(): Promise<number | undefined>;
  close(): Promise<void>;
}
