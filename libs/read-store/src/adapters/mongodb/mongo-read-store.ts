import { MongoServerError } from 'mongodb';

import type {
  Checkpoint,
  Commit,
  DocumentReader,
  Lease,
  ProjectionLayout,
  ProjectionVersion,
  ReadStore,
  RegistryEntry,
} from '../../read-store.js';
import { Checkpoints, requireEpoch } from './checkpoints.js';
import { CollectionReader, type Found } from './collection-reader.js';
import type { MongoCollection } from './collections.js';
import { CommitWriter, groupsOf } from './commit-writer.js';
import { Connection, type ConnectionOptions } from './connection.js';
import { Deployments, type Deployment } from './deployments.js';
import { Leases } from './leases.js';
import { Registry } from './registry.js';
import { sweepCollection } from './sweep.js';

export type MongoReadStoreOptions = ConnectionOptions;

/**
 * Opens a read store in one database of MongoDB, or of a server that speaks its protocol; any number of processes may. A
 * server that stands alone is enough: there are no transactions. Rejects with `STORE_UNAVAILABLE` when the server cannot be
 * reached in time, `INVALID_CONFIGURATION` for a URL that cannot be used.
 */
export async function openMongoReadStore(options: MongoReadStoreOptions): Promise<ReadStore> {
  return new MongoReadStore(await Connection.open(options));
}

class MongoReadStore implements ReadStore {
  readonly #checkpoints: Checkpoints;
  readonly #deployments: Deployments;
  readonly #leases: Leases;
  readonly #registry: Registry;
  readonly #writer: CommitWriter;
  readonly #readers = new WeakMap<MongoCollection, CollectionReader>();

  constructor(private readonly connection: Connection) {
    this.#checkpoints = new Checkpoints(connection);
    this.#deployments = new Deployments(connection);
    this.#leases = new Leases(connection);
    this.#registry = new Registry(connection);
    this.#writer = new CommitWriter(connection);
  }

  async deploy(layout: ProjectionLayout): Promise<void> {
    await this.connection.answer(() => this.#deployments.deploy(layout));
  }

  async drop(version: ProjectionVersion): Promise<void> {
    await this.connection.answer(() => this.#deployments.drop(version));
  }

  reader(version: ProjectionVersion): DocumentReader {
    const read = <T>(collection: string, work: (reader: CollectionReader) => Promise<Found<T>>): Promise<T> =>
      this.connection.answer(() => this.#read(version, collection, work));
    return {
      get: (collection, keys, { body = true } = {}) => read(collection, (reader) => reader.get(keys, body)),
      findByMember: (collection, index, values) => read(collection, (reader) => reader.findByMember(index, values)),
      scan: (collection, options) => read(collection, (reader) => reader.scan(options)),
      scanEach: (collection, options) => read(collection, (reader) => reader.scanEach(options)),
      count: (collection) => read(collection, (reader) => reader.count()),
    };
  }

  async claim(version: ProjectionVersion, token = 0): Promise<Checkpoint> {
    return this.connection.answer(async () => {
      await this.#deployments.look(version);
      return this.#checkpoints.claim(version, token);
    });
  }

  /** The epoch is looked at first and counts at the end: what a writer leaves that is fenced in between, its guards made harmless. */
  async commit(version: ProjectionVersion, commit: Commit): Promise<void> {
    await this.connection.answer(async () => {
      const { deployment, record } = await this.#deployments.look(version);
      requireEpoch(version, record, commit.epoch);
      await this.#writer.write(groupsOf(deployment.collections, commit.writes, commit));
      await this.#checkpoints.advance(version, commit);
    });
  }

  async checkpoint(version: ProjectionVersion): Promise<Checkpoint | undefined> {
    return this.connection.answer(() => this.#checkpoints.read(version));
  }

  async registry(projection: string): Promise<RegistryEntry | undefined> {
    return this.connection.answer(() => this.#registry.read(projection));
  }

  async setRegistry(projection: string, expected: RegistryEntry | undefined, next: RegistryEntry): Promise<boolean> {
    return this.connection.answer(() => this.#registry.replace(projection, expected, next));
  }

  async lease(name: string): Promise<Lease | undefined> {
    return this.connection.answer(() => this.#leases.read(name));
  }

  async takeLease(name: string, seen: Lease | undefined, holder: string): Promise<Lease | undefined> {
    return this.connection.answer(() => this.#leases.take(name, seen, holder));
  }

  async renewLease(name: string, held: Lease): Promise<Lease | undefined> {
    return this.connection.answer(() => this.#leases.renew(name, held));
  }

  async releaseLease(name: string, held: Lease): Promise<void> {
    await this.connection.answer(() => this.#leases.release(name, held));
  }

  async sweep(version: ProjectionVersion): Promise<number> {
    return this.connection.answer(async () => {
      const { deployment, record } = await this.#deployments.look(version);
      let swept = 0;
      for (const collection of deployment.collections.values()) {
        swept += await sweepCollection(this.connection, collection, record);
      }
      return swept;
    });
  }

  async sizeOnDisk(): Promise<number | undefined> {
    return this.connection.answer(() => this.connection.sizeOnDisk());
  }

  async close(): Promise<void> {
    await this.connection.close();
  }

  /** One request, and a second one only when something that was asked for is not there: the version may have been dropped. */
  async #read<T>(
    version: ProjectionVersion,
    collection: string,
    work: (reader: CollectionReader) => Promise<Found<T>>,
  ): Promise<T> {
    const deployment = await this.#deployments.find(version);
    const reader = this.#readerOf(version, collection, deployment);
    try {
      const { result, complete } = await work(reader);
      if (!complete) await this.#deployments.requireStill(version, deployment);
      return result;
    } catch (error) {
      // A server answers in many ways to who reads what is being dropped.
      if (error instanceof MongoServerError) await this.#deployments.requireStill(version, deployment);
      throw error;
    }
  }

  #readerOf(version: ProjectionVersion, name: string, { collections }: Deployment): CollectionReader {
    const collection = collections.get(name);
    if (collection === undefined) throw new TypeError(`${version.projection} v${version.version} has no ${name}`);
    const known = this.#readers.get(collection);
    if (known !== undefined) return known;
    const reader = new CollectionReader(collection, this.connection);
    this.#readers.set(collection, reader);
    return reader;
  }
}
