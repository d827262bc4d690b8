import { LruMap, type Position } from '#core';
import type { CollectionSpec, ColumnValue, ScanOptions, StoredDocument } from '#read-store';

/** A document as folds see it. Values are never changed in place: `put` replaces them. */
export interface SessionDocument<T> {
  /** Position of the commit that wrote it last before this page; `POSITION_START` for a document that is new in it. */
  readonly position: Position;
  readonly columns: Readonly<Record<string, ColumnValue>>;
  readonly value: T;
}

export type CachedDocument = SessionDocument<unknown>;

/** What a session has in memory of one collection: of the page under way, and kept between pages. */
export interface OpenCollection {
  readonly spec: CollectionSpec;
  readonly keep: boolean;
  readonly codec: 'json' | 'text';
  /** The column of members, when the collection has one. */
  readonly members: { readonly column: string; readonly index: string } | undefined;
  /** Loaded or written in this page; `undefined` = known to be absent. */
  readonly page: Map<string, CachedDocument | undefined>;
  readonly kept: LruMap<string, CachedDocument>;
  /** Member to key, for this page; `undefined` = no document has it. */
  readonly pageMembers: Map<string, string | undefined>;
  /**
   * Members that were looked for. Of others that a document brought along nobody knows whether a torn commit has left a
   * second document with them, so they are not kept.
   */
  readonly asked: Set<string>;
  readonly keptMembers: LruMap<string, string>;
  /** Documents of which a later one has taken over a member. */
  readonly superseded: Set<string>;
  /** Members of documents that the page deletes in vain: the store has them at a later position. */
  readonly unsure: Set<string>;
  /** Keys by those of their beginnings that were loaded as a whole in this page. */
  readonly prefixes: Map<string, Set<string>>;
  readonly dirty: Set<string>;
}

export function openCollection(spec: CollectionSpec, codec: OpenCollection['codec'], cache: number): OpenCollection {
  return {
    spec,
    keep: cache > 0,
    codec,
    members: memberIndex(spec),
    page: new Map(),
    kept: new LruMap(cache),
    pageMembers: new Map(),
    asked: new Set(),
    keptMembers: new LruMap(cache * 2),
    superseded: new Set(),
    unsure: new Set(),
    prefixes: new Map(),
    dirty: new Set(),
  };
}

/** The column by which a scan of the index is ordered. */
export function rangeColumn({ spec }: OpenCollection, { index, equals = [] }: Pick<ScanOptions, 'index' | 'equals'>) {
  return spec.indexes.find(({ name }) => name === index)?.columns[equals.length];
}

function memberIndex(spec: CollectionSpec): OpenCollection['members'] {
  const index = spec.indexes.find(({ columns }) => columns.some((column) => spec.columns[column] === 'hashes'));
  const column = index?.columns[0];
  return index === undefined || column === undefined ? undefined : { column, index: index.name };
}

export function memberIndexOf(open: OpenCollection, collection: string): { readonly index: string } {
  if (open.members === undefined) throw new Error(`${collection} has no index on members`);
  return open.members;
}

/** A member that was given to a later document, before a crash left this one as it was, stays there. */
export function rememberMembers(open: OpenCollection, key: string): void {
  const document = open.page.get(key);
  if (document === undefined || open.members === undefined) return;
  for (const member of document.columns[open.members.column] as readonly string[]) {
    const known = open.pageMembers.get(member);
    const holder = known === undefined || known === key ? undefined : open.page.get(known);
    if (holder === undefined || holder.position <= document.position) open.pageMembers.set(member, key);
  }
}

/** What was found is in the page from now on, unless what is in memory is newer. Answers the keys of those that are there. */
export function keepFound(open: OpenCollection, found: readonly StoredDocument[]): string[] {
  return found.flatMap((document) => {
    const { key } = document;
    if (!open.page.has(key)) open.page.set(key, open.kept.get(key) ?? decode(open, document));
    return open.page.get(key) === undefined ? [] : [key];
  });
}

export function latest(documents: readonly StoredDocument[]): StoredDocument | undefined {
  return documents.reduce<StoredDocument | undefined>(
    (best, document) => (best === undefined || best.position < document.position ? document : best),
    undefined,
  );
}

export function decode(open: OpenCollection, document: StoredDocument): CachedDocument {
  const { position, columns, body } = document;
  return { position, columns, value: open.codec === 'text' ? body : JSON.parse(body) };
}

export function encode(open: OpenCollection, value: unknown): string {
  return open.codec === 'text' ? (value as string) : JSON.stringify(value);
}

export function keepPage(open: OpenCollection, position: Position): void {
  for (const [key, document] of open.page) {
    const isWritten = open.dirty.has(key);
    // What a torn commit has left ahead of the page stays in the store as it was.
    if (document === undefined || (isWritten && document.position >= position)) open.kept.delete(key);
    else open.kept.set(key, isWritten ? { ...document, position } : document);
  }
  for (const [member, key] of open.pageMembers) {
    if (key === undefined) open.keptMembers.delete(member);
    else if (open.asked.has(member) || open.keptMembers.get(member) !== undefined) open.keptMembers.set(member, key);
  }
  for (const member of open.unsure) open.keptMembers.delete(member);
}

export function clearPage(open: OpenCollection): void {
  open.page.clear();
  open.pageMembers.clear();
  open.asked.clear();
  open.superseded.clear();
  open.unsure.clear();
  open.prefixes.clear();
  open.dirty.clear();
}
