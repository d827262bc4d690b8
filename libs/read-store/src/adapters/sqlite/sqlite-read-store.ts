import { stat } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';

import type {
  Checkpoint,
  Commit,
  DocumentReader,
  DocumentWrite,
  Lease,
  ProjectionLayout,
  ProjectionVersion,
  ReadStore,
  RegistryEntry,
} from '../../read-store.js';
import { Checkpoints } from './checkpoints.js';
import { CollectionReader } from './collection-reader.js';
import { CollectionWriter } from './collection-writer.js';
import { Connection, type ConnectionOptions } from './connection.js';
import { Deployments } from './deployments.js';
import { Leases } from './leases.js';
import { readRegistry, replaceRegistry } from './registry.js';
import { RowCodec } from './row-codec.js';
import { isMissingTable, toStoreError } from './store-errors.js';
import type { CollectionTable } from './tables.js';
import { Texts } from './texts.js';
import { encodePosition } from './values.js';

export type SqliteReadStoreOptions = ConnectionOptions;

/** Each step keeps its thread for about 10 ms. */
const FREE_PAGES_A_STEP = 1_000;
const TOMBSTONES_A_STEP = 2_000;

/**
 * Opens a read store in one file. `write`: makes the file where it is missing; one at a time. `read`: any number beside
 * the writer, in any thread; it may be opened before the writer has made the file, and answers `STORE_UNAVAILABLE` until
 * then. Throws `STORE_UNAVAILABLE` when the file cannot be used, `STORE_FULL` when there is no room to make it.
 */
export async function openSqliteReadStore(options: SqliteReadStoreOptions): Promise<ReadStore> {
  return new SqliteReadStore(new Connection(options));
}

class SqliteReadStore implements ReadStore {
  readonly #checkpoints: Checkpoints;
  readonly #leases: Leases;
  readonly #deployments: Deployments;
  readonly #texts: Texts;
  readonly #readers = new WeakMap<CollectionTable, CollectionReader>();
  readonly #writers = new WeakMap<CollectionTable, CollectionWriter>();

  constructor(private readonly connection: Connection) {
    this.#checkpoints = new Checkpoints(connection);
    this.#leases = new Leases(connection);
    this.#deployments = new Deployments(connection);
    this.#texts = new Texts(connection);
  }

  async deploy(layout: ProjectionLayout): Promise<void> {
    this.#answer(() => this.#deployments.deploy(layout));
  }

  async drop(version: ProjectionVersion): Promise<void> {
    const steps = this.#answer(() =>
      this.connection.immediate(() => {
        this.#checkpoints.remove(version);
        return this.#deployments.beginDrop(version);
      }),
    );
    for (const step of steps) {
      this.#answer(() => this.connection.immediate(step));
      await nextTurn();
    }
    await this.#returnFreePages();
  }

  reader(version: ProjectionVersion): DocumentReader {
    const read = <T>(collection: string, work: (reader: CollectionReader) => T): T =>
      this.#answer(() => work(this.#readerOf(this.#tableOf(version, collection))));
    return {
      get: async (collection, keys, { body = true } = {}) => read(collection, (reader) => reader.get(keys, body)),
      findByMember: async (collection, index, values) =>
        read(collection, (reader) => reader.findByMember(index, values)),
      scan: async (collection, options) => read(collection, (reader) => reader.scan(options)),
      scanEach: async (collection, options) => read(collection, (reader) => reader.scanEach(options)),
      count: async (collection) => read(collection, (reader) => reader.count()),
    };
  }

  async claim(version: ProjectionVersion, token = 0): Promise<Checkpoint> {
    return this.#answer(() =>
      this.connection.immediate(() => {
        this.#deployments.tables(version);
        return this.#checkpoints.claim(version, token);
      }),
    );
  }

  async commit(version: ProjectionVersion, { epoch, position, writes, ingestedAt }: Commit): Promise<void> {
    this.#answer(() =>
      this.connection.immediate(() => {
        this.#deployments.tables(version);
        this.#checkpoints.requireEpoch(version, epoch);
        for (const [collection, group] of byCollection(writes)) {
          this.#writerOf(this.#tableOf(version, collection)).write(group, encodePosition(position));
        }
        this.#checkpoints.advance(version, position, ingestedAt);
      }),
    );
  }

  async checkpoint(version: ProjectionVersion): Promise<Checkpoint | undefined> {
    return this.#answer(() => this.#checkpoints.read(version));
  }

  async registry(projection: string): Promise<RegistryEntry | undefined> {
    return this.#answer(() => readRegistry(this.connection, projection));
  }

  async setRegistry(projection: string, expected: RegistryEntry | undefined, next: RegistryEntry): Promise<boolean> {
    return this.#answer(() => replaceRegistry(this.connection, projection, expected, next));
  }

  async lease(name: string): Promise<Lease | undefined> {
    return this.#answer(() => this.#leases.read(name));
  }

  async takeLease(name: string, seen: Lease | undefined, holder: string): Promise<Lease | undefined> {
    return this.#answer(() => this.#leases.take(name, seen, holder));
  }

  async renewLease(name: string, held: Lease): Promise<Lease | undefined> {
    return this.#answer(() => this.#leases.renew(name, held));
  }

  async releaseLease(name: string, held: Lease): Promise<void> {
    this.#answer(() => this.#leases.release(name, held));
  }

  async sweep(version: ProjectionVersion): Promise<number> {
    let swept = 0;
    const tables = this.#answer(() => this.#deployments.tables(version));
    const position = this.#answer(() => this.#checkpoints.sweepable(version));
    for (const table of tables.values()) {
      for (;;) {
        const count = this.#answer(() => this.#sweepSome(table, position));
        swept += count;
        if (count < TOMBSTONES_A_STEP) break;
        await nextTurn();
      }
    }
    return swept;
  }

  async sizeOnDisk(): Promise<number | undefined> {
    const sizes = await Promise.all(['', '-wal'].map((suffix) => sizeOf(this.connection.file + suffix)));
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  async close(): Promise<void> {
    this.connection.close();
  }

  #sweepSome({ name, tombstoneIndex }: CollectionTable, position: string | number | Buffer | null): number {
    const some = `SELECT _doc FROM ${name} INDEXED BY ${tombstoneIndex} WHERE _body IS NULL AND _pos <= ? LIMIT ${TOMBSTONES_A_STEP}`;
    return this.connection.immediate(
      () => this.connection.prepare(`DELETE FROM ${name} WHERE _doc IN (${some})`).run(position).changes,
    );
  }

  /** A little at a time, so that commits and queries of this thread go on. The checkpoint then shrinks the files. */
  async #returnFreePages(): Promise<void> {
    const freePages = (): number => this.connection.prepare('PRAGMA freelist_count').get()?.[0] as number;
    while (this.#answer(freePages) > 0) {
      this.#answer(() => this.connection.execute(`PRAGMA incremental_vacuum(${FREE_PAGES_A_STEP})`));
      await nextTurn();
    }
    this.#answer(() => this.connection.execute('PRAGMA wal_checkpoint(TRUNCATE)'));
  }

  #tableOf(version: ProjectionVersion, collection: string): CollectionTable {
    const table = this.#deployments.tables(version).get(collection);
    if (table === undefined) throw new TypeError(`${version.projection} v${version.version} has no ${collection}`);
    return table;
  }

  #readerOf(table: CollectionTable): CollectionReader {
    const known = this.#readers.get(table);
    if (known !== undefined) return known;
    const reader = new CollectionReader(table, new RowCodec(table, this.#texts), this.connection);
    this.#readers.set(table, reader);
    return reader;
  }

  #writerOf(table: CollectionTable): CollectionWriter {
    const known = this.#writers.get(table);
    if (known !== undefined) return known;
    const writer = new CollectionWriter(table, new RowCodec(table, this.#texts), this.connection);
    this.#writers.set(table, writer);
    return writer;
  }

  /** Runs what the engine does, and says in the words of the port what went wrong. */
  #answer<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      // What was learnt in a transaction that is rolled back, or before another connection dropped a table.
      this.#texts.forget();
      if (isMissingTable(error)) this.#deployments.forget();
      throw toStoreError(error);
    }
  }
}

function byCollection(writes: readonly DocumentWrite[]): ReadonlyMap<string, readonly DocumentWrite[]> {
  const groups = new Map<string, DocumentWrite[]>();
  for (const write of writes) {
    const group = groups.get(write.collection);
    if (group === undefined) groups.set(write.collection, [write]);
    else group.push(write);
  }
  return groups;
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}
