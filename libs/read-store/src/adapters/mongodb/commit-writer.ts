import type { DocumentWrite } from '../../read-store.js';
import { BulkWriter, requireSize, type Bulk } from './bulk-writer.js';
import { EPOCH, POSITION, type MongoCollection, type ProjectionCollections } from './collections.js';
import type { Connection, MongoDocument } from './connection.js';
import { DocumentCodec, type Stamp } from './document-codec.js';
import { writeLevels, type MemberChange } from './write-levels.js';

/** The documents of one collection in a commit. */
export interface Group {
  readonly collection: MongoCollection;
  readonly documents: ReadonlyMap<string, MongoDocument>;
}

/** Throws a `TypeError`, or `DOCUMENT_TOO_LARGE`, for what cannot be written, before anything is. */
export function groupsOf(collections: ProjectionCollections, writes: readonly DocumentWrite[], stamp: Stamp): Group[] {
  const groups = new Map<
    string,
    { collection: MongoCollection; codec: DocumentCodec; documents: Map<string, MongoDocument> }
  >();
  for (const write of writes) {
    const collection = collections.get(write.collection);
    if (collection === undefined) throw new TypeError(`there is no collection ${write.collection}`);
    const group = groups.get(write.collection) ?? {
      collection,
      codec: new DocumentCodec(collection),
      documents: new Map(),
    };
    groups.set(write.collection, group);
    const document = group.codec.encode(write, stamp);
    requireSize(write.collection, document);
    if (group.documents.has(document._id))
      throw new TypeError(`${write.collection}/${write.key} is twice in one commit`);
    group.documents.set(document._id, document);
  }
  return [...groups.values()];
}

/**
 * Writes the documents of a commit: one collection after the other, so that a torn commit has left none of a later one
 * before all of an earlier one; within a collection in as many steps as moving members need.
 */
export class CommitWriter {
  readonly #bulks: BulkWriter;

  constructor(private readonly connection: Connection) {
    this.#bulks = new BulkWriter(connection);
  }

  async write(groups: readonly Group[]): Promise<void> {
    for (const group of groups) {
      for (const bulk of await this.#levelsOf(group)) await this.#bulks.write([bulk]);
    }
  }

  async #levelsOf({ collection, documents }: Group): Promise<Bulk[]> {
    const { name } = collection;
    if (collection.memberColumns.length === 0) return [{ collection: name, documents: [...documents.values()] }];
    const changes = await this.#changesOf(collection, documents);
    return writeLevels(changes).map((keys) => ({
      collection: name,
      documents: keys.map((key) => documents.get(key) as MongoDocument),
    }));
  }

  /** Only what the guard will let through gives anything up. */
  async #changesOf(
    { name, memberColumns }: MongoCollection,
    documents: ReadonlyMap<string, MongoDocument>,
  ): Promise<MemberChange[]> {
    const keys = [...documents.keys()];
    const projection = Object.fromEntries([POSITION, EPOCH, ...memberColumns].map((field) => [field, 1]));
    const stored = await this.connection
      .documents(name)
      .find({ _id: { $in: keys } }, { projection, limit: keys.length, batchSize: keys.length })
      .toArray();
    const found = stored.filter((document) => isEarlier(document, documents.get(document._id) as MongoDocument));
    const before = new Map(found.map((document) => [document._id, membersOf(document, memberColumns)]));
    return keys.map((key) => ({
      key,
      before: before.get(key) ?? new Set(),
      after: membersOf(documents.get(key) as MongoDocument, memberColumns),
    }));
  }
}

/** As the guard has it. */
function isEarlier(stored: MongoDocument, next: MongoDocument): boolean {
  const [position, epoch] = [stored[POSITION] as string, stored[EPOCH] as number];
  return position < (next[POSITION] as string) && epoch <= (next[EPOCH] as number);
}

/** Of all the columns: told apart by the column, as they are looked for. */
function membersOf(document: MongoDocument, columns: readonly string[]): ReadonlySet<string> {
  return new Set(
    columns.flatMap((column) =>
      ((document[column] ?? []) as readonly Buffer[]).map((member) => `${column} ${member.toString('hex')}`),
    ),
  );
}
