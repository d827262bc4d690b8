import type { Collection } from 'mongodb';

import type { ScanEachOptions, ScanOptions, StoredDocument } from '../../read-store.js';
import { BODY, GONE, type Column, type MongoCollection } from './collections.js';
import type { Connection, MongoDocument } from './connection.js';
import { DocumentCodec, encodeColumn } from './document-codec.js';
import { eachQuery, orderedIndex, requireLimit, scanQueries } from './scan.js';
import { encodeHash, encodeBytes } from './values.js';

/** What was found, and whether all that was asked for was there: a dropped collection looks like an empty one. */
export interface Found<T> {
  readonly result: T;
  readonly complete: boolean;
}

/** Values in one `$in`: 40 bytes each, far from the 16 MB that a query may have. */
const MOST_VALUES = 10_000;
/** Without it the server sends 101 documents, and the rest at the next request. */
const MOST_IN_A_BATCH = 10_000;

/** In one request for several values: of one that has far more than is wanted, not much is read in vain. */
const DOCUMENTS_OF_SOME = 2_000;

/** Reads one collection. */
export class CollectionReader {
  readonly #codec: DocumentCodec;
  readonly #documents: Collection<MongoDocument>;

  constructor(
    private readonly collection: MongoCollection,
    connection: Connection,
  ) {
    this.#codec = new DocumentCodec(collection);
    this.#documents = connection.documents(collection.name);
  }

  async get(keys: readonly string[], body: boolean): Promise<Found<(StoredDocument | undefined)[]>> {
    const wanted = keys.map((key) => this.#codec.encodeKey(key));
    const found = new Map<string, StoredDocument | undefined>();
    for (const some of slices([...new Set(wanted)])) {
      const cursor = this.#documents.find({ _id: { $in: some } }, { limit: some.length, batchSize: some.length });
      if (!body) cursor.project({ [BODY]: 0 });
      for (const document of await cursor.toArray()) {
        found.set(document._id, document[GONE] === true ? undefined : this.#codec.decode(document));
      }
    }
    return { result: wanted.map((key) => found.get(key)), complete: wanted.every((key) => found.has(key)) };
  }

  async findByMember(indexName: string, members: readonly string[]): Promise<Found<StoredDocument[][]>> {
    const column = this.#memberColumn(indexName);
    const byMember = new Map<string, StoredDocument[]>(members.map((member) => [encodeHash(member), []]));
    for (const some of slices([...byMember.keys()])) {
      const filter = { [column]: { $in: some.map(encodeBytes) } };
      const options = { hint: indexName, batchSize: MOST_IN_A_BATCH };
      for (const document of await this.#documents.find(filter, options).toArray()) {
        const decoded = this.#codec.decode(document);
        for (const member of new Set(decoded.columns[column] as readonly string[])) byMember.get(member)?.push(decoded);
      }
    }
    const result = members.map((member) => byMember.get(encodeHash(member)) as StoredDocument[]);
    return { result, complete: result.every((documents) => documents.length > 0) };
  }

  async scan(options: ScanOptions): Promise<Found<StoredDocument[]>> {
    const { limit, body = true } = options;
    const result: StoredDocument[] = [];
    for (const { filter, sort, hint } of scanQueries(this.collection, this.#codec, options)) {
      const left = limit - result.length;
      if (left === 0) break;
      const cursor = this.#documents.find(filter, {
        sort,
        hint,
        limit: left,
        batchSize: Math.min(left, MOST_IN_A_BATCH),
      });
      if (!body) cursor.project({ [BODY]: 0 });
      for (const document of await cursor.toArray()) result.push(this.#codec.decode(document));
    }
    return { result, complete: result.length === limit };
  }

  /**
   * Values are asked for together. Where that is more than one request reads, those of which not all that is wanted has
   * come are asked for again.
   */
  async scanEach({ index: indexName, values, order, limit }: ScanEachOptions): Promise<Found<StoredDocument[][]>> {
    requireLimit(limit);
    const index = orderedIndex(this.collection, indexName);
    const [column] = index.columns as readonly [Column];
    const wanted = values.map((value) => encodeColumn(column, value));
    const found = new Map<unknown, StoredDocument[]>();
    for (const some of slices(wanted)) {
      for (let left = some; left.length > 0;) {
        const most = Math.max(limit, Math.min(DOCUMENTS_OF_SOME, limit * left.length));
        const { filter, sort, hint } = eachQuery(index, left, order);
        const documents = await this.#documents.find(filter, { sort, hint, limit: most, batchSize: most }).toArray();
        // Of the last value there may be more.
        const last = documents.length < most ? undefined : documents.at(-1)?.[column.name];
        const seen = new Set<unknown>();
        for (const document of documents) {
          const value = document[column.name];
          const of = seen.has(value) ? found.get(value) : undefined;
          if (of === undefined) found.set(value, [this.#codec.decode(document)]);
          else if (of.length < limit) of.push(this.#codec.decode(document));
          seen.add(value);
        }
        if (last === undefined) break;
        left = left.filter((value) => (value === last ? found.get(value)?.length !== limit : !seen.has(value)));
      }
    }
    const result = wanted.map((value) => found.get(value) ?? []);
    return { result, complete: result.every((documents) => documents.length > 0) };
  }

  /** Exact, so it looks at every document. */
  async count(): Promise<Found<number>> {
    const result = await this.#documents.countDocuments({ [GONE]: { $exists: false } });
    return { result, complete: false };
  }

  #memberColumn(indexName: string): string {
    const [column] = this.collection.indexes.find(({ name }) => name === indexName)?.columns ?? [];
    if (column?.type !== 'hashes') {
      throw new TypeError(`${this.collection.collection} has no index ${indexName} on a hashes column`);
    }
    return column.name;
  }
}

function slices<T>(values: readonly T[]): T[][] {
  const parts: T[][] = [];
  for (let at = 0; at < values.length; at += MOST_VALUES) parts.push(values.slice(at, at + MOST_VALUES));
  return parts;
}
