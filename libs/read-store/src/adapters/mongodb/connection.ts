import { MongoClient, type Collection, type Db, type MongoClientOptions } from 'mongodb';

import { TesseraError } from '#core';

import { inTime } from './in-time.js';
import { Renewal, type ReportOutage } from './renewal.js';
import { notOpened, toStoreError } from './store-errors.js';
import { parseMongoUrl, type MongoUrl } from './url.js';

export interface ConnectionOptions {
  /** `mongodb://…`, the database in its path ("tessera" when it names none). */
  readonly url: string;
  /** Wins over the one of the URL. */
  readonly database?: string;
  /** Told when the server goes away and when it is back. */
  readonly report?: ReportOutage;
  /** How long the server is away before the driver is made to begin anew, and then again. 10 s by default. */
  readonly renewalMilliseconds?: number;
}

const DEFAULT_DATABASE = 'tessera';

/** Longer than any election and any back-off of the driver. */
const RENEWAL_MILLISECONDS = 10_000;

/**
 * So that no call hangs: finding a server and waiting for a free connection end after 3 s, connecting after 5 s, an answer
 * is waited for 10 s. Settings in the URL win. The driver repeats no write, which not every server would let it do; commits
 * can be repeated by whoever makes them.
 */
const DEFAULTS = {
  serverSelectionTimeoutMS: 3_000,
  connectTimeoutMS: 5_000,
  waitQueueTimeoutMS: 3_000,
  socketTimeoutMS: 10_000,
  // A server that has stopped answering is found out while calls wait for it.
  heartbeatFrequencyMS: 3_000,
  retryWrites: false,
  appName: 'tessera',
} as const satisfies MongoClientOptions;

/**
 * Whatever the URL says. Documents are on a majority before the checkpoint is written, so no fail-over leaves a
 * checkpoint without its documents; and in the journal, because a server that stands alone answers before: killed between
 * two requests of a commit, and back before the next, it would take a checkpoint of documents that it has forgotten.
 * Reads go to the primary: they find everything that was acknowledged, and may find what
 * a fail-over takes back again, which the log then brings once more.
 */
const REQUIRED = {
  readPreference: 'primary',
  writeConcern: { w: 'majority', journal: true, wtimeoutMS: 8_000 },
  promoteBuffers: true,
} as const satisfies MongoClientOptions;

/** One client of the driver, with its pool. It reconnects by itself. */
export class Connection {
  #closed = false;

  private constructor(
    private readonly database: Db,
    private readonly renewal: Renewal,
  ) {}

  static async open({
    url,
    database,
    report = () => undefined,
    renewalMilliseconds = RENEWAL_MILLISECONDS,
  }: ConnectionOptions): Promise<Connection> {
    const parsed = parseMongoUrl(url);
    const client = newClient(url, parsed);
    try {
      const named = databaseOf(client, database ?? parsed.database ?? DEFAULT_DATABASE);
      await client.connect();
      // Connecting alone does not tell whether the user may read.
      await named.collection('versions').findOne({}, { projection: { _id: 1 }, readConcern: { level: 'majority' } });
      const renewal = new Renewal(client, { afterMilliseconds: renewalMilliseconds, report });
      return new Connection(
        inTime(named, (promise) => renewal.watch(promise)),
        renewal,
      );
    } catch (error) {
      await client.close();
      throw notOpened(error);
    }
  }

  /** Documents of projections. */
  documents(name: string): Collection<MongoDocument> {
    return this.database.collection(name);
  }

  /**
   * What the store remembers about itself, each change of it a compare-and-set. Reads answer only what no fail-over takes
   * back.
   */
  records<T extends { readonly _id: string }>(name: string): Collection<T> {
    return this.database.collection(name, { readConcern: { level: 'majority' } });
  }

  async collectionNames(): Promise<string[]> {
    return (await this.database.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name);
  }

  /** `undefined` where the server does not tell. */
  async sizeOnDisk(): Promise<number | undefined> {
    const { storageSize, indexSize } = await this.database.stats();
    if (typeof storageSize !== 'number' || typeof indexSize !== 'number') return undefined;
    return storageSize + indexSize;
  }

  /** Runs what the server does, and says in the words of the port what went wrong. */
  async answer<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new TesseraError('STORE_UNAVAILABLE', 'The read store is closed');
    try {
      return await work();
    } catch (error) {
      throw toStoreError(error);
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.renewal.end();
  }
}

/** A document of a projection or its tombstone, with its columns beside the fields of its own. */
export interface MongoDocument {
  _id: string;
  [field: string]: unknown;
}

function newClient(url: string, { options }: MongoUrl): MongoClient {
  const defaults = Object.entries(DEFAULTS).filter(([name]) => !options.has(name.toLowerCase()));
  try {
    return new MongoClient(url, { ...Object.fromEntries(defaults), ...REQUIRED });
  } catch (error) {
    throw invalid(url, error);
  }
}

function databaseOf(client: MongoClient, name: string): Db {
  try {
    // Here once more: parts of a write concern that are in the URL win over the client's.
    return client.db(name, { writeConcern: REQUIRED.writeConcern });
  } catch (error) {
    throw invalid('', error);
  }
}

function invalid(url: string, error: unknown): TesseraError {
  const reason = error instanceof Error ? error.message : String(error);
  // Nor is the error its cause: what quotes the URL quotes the password.
  const credentials = /^[^/]*\/\/([^/?]*)@/.exec(url)?.[1]?.split(':') ?? [];
  const quotes = credentials.some((part) => part !== '' && reason.includes(part));
  return new TesseraError(
    'INVALID_CONFIGURATION',
    `The URL of the read store cannot be used${quotes ? '' : `: ${reason}`}`,
  );
}
