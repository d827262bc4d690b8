import { expect } from '@jest/globals';

import { isTesseraError, type ErrorCode, type Position } from '#core';
import type {
  CollectionSpec,
  ColumnValue,
  DocumentReader,
  DocumentWrite,
  ProjectionLayout,
  ReadStore,
  StoredDocument,
} from '#read-store';

/** Where a store keeps its data. What is written through one opening is there in the next. */
export interface ReadStorePlace {
  open(): Promise<ReadStore>;
  /** Brings to disk what the engine would bring there later; left out where nothing waits. */
  flush?(): Promise<void>;
  remove(): Promise<void>;
}

export type ReadStorePlaceFactory = () => Promise<ReadStorePlace>;

/**
 * How an engine orders texts. The contract wants UTF-8 bytes; of an engine that goes by UTF-16 code units everything else
 * can be tested, without texts in which these differ.
 */
export type TextOrder = 'utf-8' | 'utf-16';

/** What a test of the contract works with. */
export interface ContractContext {
  readonly textOrder: TextOrder;
  readonly store: () => ReadStore;
  /** Closes the store and opens it again. */
  readonly reopen: () => Promise<ReadStore>;
  /** Until everything that was committed counts in the size on disk. */
  readonly flush: () => Promise<void>;
}

/** One column of every type, in an index and out of one. */
export const PEOPLE = {
  name: 'people',
  key: 'hash',
  columns: {
    members: 'hashes',
    team: 'hash',
    city: 'text',
    level: 'int',
    seen: 'time',
    kind: 'text',
    badge: 'hash',
  },
  indexes: [
    { name: 'by_member', columns: ['members'] },
    { name: 'by_team', columns: ['team', 'seen'] },
    { name: 'by_city', columns: ['city', 'level'] },
    { name: 'by_seen', columns: ['seen'] },
  ],
} as const satisfies CollectionSpec;

export const NOTES = {
  name: 'notes',
  key: 'text',
  columns: { topic: 'text' },
  indexes: [{ name: 'by_topic', columns: ['topic'] }],
} as const satisfies CollectionSpec;

export const LAYOUT: ProjectionLayout = { projection: 'contract', version: 1, collections: [PEOPLE, NOTES] };

/** The `n`th position of a log. */
export function at(n: number): Position {
  return n.toString(16).padStart(12, '0');
}

type Columns = Readonly<Record<string, ColumnValue>>;

export function put(collection: CollectionSpec, key: string, columns: Columns = {}, body = '{}'): DocumentWrite {
  return { collection: collection.name, key, action: 'put', columns, body };
}

export function remove(collection: CollectionSpec, key: string): DocumentWrite {
  return { collection: collection.name, key, action: 'delete', columns: {}, body: '' };
}

/** A version of a layout that the test may write. */
export interface ClaimedVersion {
  readonly store: ReadStore;
  readonly reader: DocumentReader;
  readonly layout: ProjectionLayout;
  /** Commits under the epoch that was claimed. */
  commit(position: Position, ...writes: readonly DocumentWrite[]): Promise<void>;
  get(collection: CollectionSpec, key: string): Promise<StoredDocument | undefined>;
}

export async function deployAndClaim(store: ReadStore, layout: ProjectionLayout = LAYOUT): Promise<ClaimedVersion> {
  await store.deploy(layout);
  return claim(store, layout);
}

export async function claim(store: ReadStore, layout: ProjectionLayout = LAYOUT): Promise<ClaimedVersion> {
  const { epoch } = await store.claim(layout);
  const reader = store.reader(layout);
  return {
    store,
    reader,
    layout,
    commit: (position, ...writes) => store.commit(layout, { epoch, position, writes }),
    get: async (collection, key) => (await reader.get(collection.name, [key]))[0],
  };
}

export async function expectRefusal(call: Promise<unknown>, code: ErrorCode): Promise<void> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isTesseraError(error)) throw new Error(`expected ${code}, got ${String(error)}`);
  expect(error.code).toBe(code);
  expect(error.message).not.toBe('');
}

/** A caller's mistake: no code, for there is nothing that an operator could do. */
export async function expectMistake(call: Promise<unknown>): Promise<void> {
  await expect(call).rejects.toThrow(TypeError);
}

export function keysOf(documents: readonly StoredDocument[]): string[] {
  return documents.map(({ key }) => key);
}
