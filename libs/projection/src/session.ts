import { inParallel, POSITION_START, type Position } from '#core';
import type { ColumnValue, DocumentReader, DocumentWrite, ScanEachOptions, ScanOptions } from '#read-store';

import {
  clearPage,
  decode,
  encode,
  keepFound,
  keepPage,
  latest,
  memberIndexOf,
  openCollection,
  rangeColumn,
  rememberMembers,
  type CachedDocument,
  type OpenCollection,
  type SessionDocument,
} from './open-collection.js';
import type { ProjectedCollection } from './projected-collection.js';

export type { SessionDocument } from './open-collection.js';

interface Undo {
  readonly collection: OpenCollection;
  readonly key: string;
  readonly before: CachedDocument | undefined;
  readonly wasDirty: boolean;
}

const SCAN_PAGE = 1_000;
/** Scans of one page under way together: each is a request to the server. */
const READS_AT_A_TIME = 16;

/**
 * The documents of one projection version as its single writer sees them: loads each once per page, keeps the recently
 * used ones between pages, and gathers one write per changed document.
 */
export class Session {
  readonly #collections = new Map<string, OpenCollection>();
  #position: Position = POSITION_START;
  #undo: Undo[] | undefined;

  constructor(
    private readonly reader: DocumentReader,
    collections: readonly ProjectedCollection[],
  ) {
    for (const { spec, codec, cache } of collections) {
      this.#collections.set(spec.name, openCollection(spec, codec, cache));
    }
  }

  /** Starts a page whose writes will carry this position. */
  begin(position: Position): void {
    this.#position = position;
  }

  async load(collection: string, keys: Iterable<string>): Promise<void> {
    const open = this.#open(collection);
    const missing: string[] = [];
    const [prefix = ''] = open.prefixes.keys();
    for (const key of keys) {
      if (open.page.has(key)) continue;
      const kept = open.keep ? open.kept.get(key) : undefined;
      open.page.set(key, kept);
      // Where all that begins like it was loaded, it is known to be absent.
      if (kept === undefined && !open.prefixes.has(key.slice(0, prefix.length))) missing.push(key);
    }
    if (missing.length === 0) return;
    const found = await this.reader.get(collection, missing);
    found.forEach((document) => {
      if (document !== undefined) open.page.set(document.key, decode(open, document));
    });
  }

  /** Loads the documents that have these members, and knows all their members from then on. */
  async loadByMember(collection: string, members: Iterable<string>): Promise<void> {
    const open = this.#open(collection);
    const { index } = memberIndexOf(open, collection);
    const missing: string[] = [];
    const keptKeys: string[] = [];
    for (const member of members) {
      if (open.asked.has(member)) continue;
      open.asked.add(member);
      const key = open.keptMembers.get(member);
      if (!open.pageMembers.has(member)) open.pageMembers.set(member, key);
      if (key === undefined) missing.push(member);
      else keptKeys.push(key);
    }
    await this.load(collection, keptKeys);
    for (const key of keptKeys) rememberMembers(open, key);
    if (missing.length === 0) return;
    for (const documents of await this.reader.findByMember(collection, index, missing)) {
      const newest = latest(documents);
      if (newest === undefined) continue;
      for (const document of documents) {
        if (document === newest) continue;
        if (!open.page.has(document.key)) open.page.set(document.key, decode(open, document));
        open.superseded.add(document.key);
      }
      // A document of this page, or one kept in memory, is newer than what the store has.
      if (!open.page.has(newest.key)) open.page.set(newest.key, open.kept.get(newest.key) ?? decode(open, newest));
      rememberMembers(open, newest.key);
    }
  }

  /**
   * Documents that `loadByMember` has met beside later ones with the same member: what a torn commit has left. Those
   * without a member of their own are to be deleted.
   */
  superseded(collection: string): readonly string[] {
    return [...this.#open(collection).superseded];
  }

  /** Loads every document whose key begins with one of these. All prefixes of one collection are of one length. */
  async loadByPrefix(collection: string, prefixes: Iterable<string>): Promise<void> {
    const open = this.#open(collection);
    const missing = new Map<string, Set<string>>();
    for (const prefix of prefixes) if (!open.prefixes.has(prefix)) missing.set(prefix, new Set());
    const [some] = missing.keys();
    if (some === undefined) return;
    for (const key of open.page.keys()) missing.get(key.slice(0, some.length))?.add(key);
    await inParallel(missing, READS_AT_A_TIME, ([prefix, keys]) => this.#scanPrefix(open, prefix, keys));
    for (const [prefix, keys] of missing) open.prefixes.set(prefix, keys);
  }

  async #scanPrefix(open: OpenCollection, prefix: string, keys: Set<string>): Promise<void> {
    let after: { readonly key: string } | undefined;
    for (;;) {
      const found = await this.reader.scan(open.spec.name, {
        keyPrefix: prefix,
        limit: SCAN_PAGE,
        ...(after && { after }),
      });
      for (const { key } of found) keys.add(key);
      keepFound(open, found);
      const last = found.at(-1);
      if (last === undefined || found.length < SCAN_PAGE) break;
      after = { key: last.key };
    }
  }

  /**
   * Loads what a scan of the store finds, and answers the keys in its order, without those that the page has deleted. Of
   * documents that the page has changed it sees what they were before: where they stand in an index, and that they are.
   */
  async scan(
    collection: string,
    options: Omit<ScanOptions, 'limit' | 'after' | 'body'>,
    limit: number,
  ): Promise<readonly string[]> {
    const open = this.#open(collection);
    const range = options.index === undefined ? undefined : rangeColumn(open, options);
    const keys: string[] = [];
    for (let after: ScanOptions['after']; keys.length < limit;) {
      const wanted = Math.min(SCAN_PAGE, limit - keys.length);
      const found = await this.reader.scan(collection, { ...options, limit: wanted, ...(after && { after }) });
      keys.push(...keepFound(open, found));
      const last = found.at(-1);
      if (last === undefined || found.length < wanted) break;
      const value = range === undefined ? undefined : last.columns[range];
      after = { key: last.key, ...(value !== undefined && { value: value as string | number }) };
    }
    return keys;
  }

  /** As `scan` with `equals` for each of these values. */
  async scanEach(
    collection: string,
    index: Pick<ScanEachOptions, 'index' | 'order'>,
    values: readonly string[],
    limit: number,
  ): Promise<ReadonlyMap<string, readonly string[]>> {
    const open = this.#open(collection);
    const wanted = Math.min(SCAN_PAGE, limit);
    const found = await this.reader.scanEach(collection, { ...index, values, limit: wanted });
    const keys = new Map(values.map((value, i) => [value, keepFound(open, found[i] ?? [])]));
    // There is more of it, or the page has deleted some.
    const cut = values.filter((value, i) => found[i]?.length === wanted && (keys.get(value)?.length ?? 0) < limit);
    await inParallel(cut, READS_AT_A_TIME, async (value) => {
      keys.set(value, [...(await this.scan(collection, { ...index, equals: [value] }, limit))]);
    });
    return keys;
  }

  /** The documents whose keys begin with this, in the order of their keys. Throws when they were not loaded. */
  withPrefix<T>(collection: string, prefix: string): readonly (readonly [key: string, SessionDocument<T>])[] {
    const open = this.#open(collection);
    const keys = open.prefixes.get(prefix);
    if (keys === undefined) throw new Error(`the fold asked for ${collection}/${prefix}… without loading it`);
    return [...keys].sort().flatMap((key) => {
      const document = open.page.get(key);
      return document === undefined ? [] : [[key, document as SessionDocument<T>] as const];
    });
  }

  /** A document that was loaded or written in this page. Throws when it was not: a fold must say what it needs. */
  get<T>(collection: string, key: string): SessionDocument<T> | undefined {
    const open = this.#open(collection);
    const document = open.page.get(key);
    if (document === undefined && !open.page.has(key)) {
      throw new Error(`the fold asked for ${collection}/${key} without loading it`);
    }
    return document as SessionDocument<T> | undefined;
  }

  /** Key of the document that has this member. Throws when the member was not loaded. */
  keyOfMember(collection: string, member: string): string | undefined {
    const open = this.#open(collection);
    const key = open.pageMembers.get(member);
    if (key === undefined && !open.pageMembers.has(member)) {
      throw new Error(`the fold asked for the member ${member} of ${collection} without loading it`);
    }
    return key;
  }

  put(collection: string, key: string, columns: Readonly<Record<string, ColumnValue>>, value: unknown): void {
    const open = this.#open(collection);
    this.#write(open, key, { position: open.page.get(key)?.position ?? POSITION_START, columns, value });
    if (open.members === undefined) return;
    for (const member of columns[open.members.column] as readonly string[]) open.pageMembers.set(member, key);
  }

  /**
   * Deletes a document. Its members must have been put elsewhere before. After a torn commit the document may be ahead of
   * the page; then it stays until the page that it is of comes again and finds it by its members.
   */
  delete(collection: string, key: string): void {
    const open = this.#open(collection);
    const before = open.page.get(key);
    this.#write(open, key, undefined);
    if (open.members === undefined || before === undefined || before.position < this.#position) return;
    for (const member of before.columns[open.members.column] as readonly string[]) open.unsure.add(member);
  }

  /** Runs one event's fold; when it throws, none of its writes remain. */
  attempt(fold: () => void): void {
    this.#undo = [];
    try {
      fold();
    } catch (error) {
      for (const { collection, key, before, wasDirty } of this.#undo.reverse()) {
        collection.page.set(key, before);
        if (!wasDirty) collection.dirty.delete(key);
      }
      throw error;
    } finally {
      this.#undo = undefined;
    }
  }

  /** One write per changed document. */
  writes(): DocumentWrite[] {
    const writes: DocumentWrite[] = [];
    for (const [collection, open] of this.#collections) {
      for (const key of open.dirty) {
        const document = open.page.get(key);
        writes.push(
          document === undefined
            ? { collection, key, action: 'delete', columns: {}, body: '' }
            : { collection, key, action: 'put', columns: document.columns, body: encode(open, document.value) },
        );
      }
    }
    return writes;
  }

  /** The page is committed: what it used stays in memory for the next ones. */
  committed(): void {
    for (const open of this.#collections.values()) {
      if (open.keep) keepPage(open, this.#position);
      clearPage(open);
    }
  }

  /** The page was not committed, or another writer may have been at work: forget everything. */
  reset(): void {
    for (const open of this.#collections.values()) {
      clearPage(open);
      open.kept.clear();
      open.keptMembers.clear();
    }
  }

  #write(open: OpenCollection, key: string, document: CachedDocument | undefined): void {
    this.#undo?.push({ collection: open, key, before: open.page.get(key), wasDirty: open.dirty.has(key) });
    open.page.set(key, document);
    open.dirty.add(key);
    if (open.prefixes.size === 0) return;
    const [some] = open.prefixes.keys();
    open.prefixes.get(key.slice(0, some?.length))?.add(key);
  }

  #open(collection: string): OpenCollection {
    const open = this.#collections.get(collection);
    if (open === undefined) throw new Error(`the projection has no collection ${collection}`);
    return open;
  }
}
