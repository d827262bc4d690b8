import { BSON, MongoBulkWriteError, MongoError, MongoServerError, type AnyBulkWriteOperation } from 'mongodb';

import { inParallel, TesseraError } from '#core';

import { EPOCH, POSITION } from './collections.js';
import type { Connection, MongoDocument } from './connection.js';
import { DUPLICATE_KEY } from './store-errors.js';

/** Documents to be written to one collection of the database, in any order. */
export interface Bulk {
  readonly collection: string;
  readonly documents: readonly MongoDocument[];
}

/** What goes over one connection in one request. A server works at one request with one thread. */
const MOST_DOCUMENTS = 500;
const MOST_BYTES = 8 * 1_024 * 1_024;
const MOST_AT_A_TIME = 4;

/** What every server takes, less some room for the guard that is sent with the document. */
const MOST_BYTES_OF_A_DOCUMENT = 16 * 1_024 * 1_024 - 1_024;

/** Writes documents where there is none that is as late already. */
export class BulkWriter {
  constructor(private readonly connection: Connection) {}

  /** Resolves when all are on a majority; rejects when everything under way has come to its end. */
  async write(bulks: readonly Bulk[]): Promise<void> {
    const parts = bulks.flatMap(({ collection, documents }) =>
      requestsOf(documents).map((some) => ({ collection, documents: some })),
    );
    await inParallel(parts, MOST_AT_A_TIME, (part) => this.#writePart(part));
  }

  /**
   * A key that is there already means that its document is as late or later, or of a later epoch; or that another writer
   * made it in this moment, and then the guard must look at it once more.
   */
  async #writePart({ collection, documents }: Bulk): Promise<void> {
    const refused = await this.#upsert(collection, documents);
    if (refused.length > 0) await this.#upsert(collection, refused);
  }

  /** Answers the documents whose key was there already. */
  async #upsert(collection: string, documents: readonly MongoDocument[]): Promise<MongoDocument[]> {
    try {
      await this.connection.documents(collection).bulkWrite(documents.map(guarded), { ordered: false });
      return [];
    } catch (error) {
      return duplicatesOf(error).map((index) => documents[index] as MongoDocument);
    }
  }
}

/** The guard: a document at the same position or a later one, or of a later epoch, is not found, and its key is taken. */
function guarded(document: MongoDocument): AnyBulkWriteOperation<MongoDocument> {
  const { _id, [POSITION]: position, [EPOCH]: epoch } = document;
  const filter = { _id, [POSITION]: { $lt: position }, [EPOCH]: { $lte: epoch } };
  return { replaceOne: { filter, replacement: document, upsert: true } };
}

/**
 * Indexes of the writes whose key was there already. Throws when the error says anything else; not the driver's own error,
 * which carries the keys of the whole bulk.
 */
function duplicatesOf(error: unknown): number[] {
  if (!(error instanceof MongoBulkWriteError)) throw error;
  if (error.errorResponse instanceof MongoError) throw error.errorResponse;
  // None when a majority was not reached, whatever else the server reported.
  const errors = [error.writeErrors].flat();
  const other = errors.find(({ code }) => code !== DUPLICATE_KEY);
  if (other !== undefined) throw serverError(other.errmsg, other.code);
  if (errors.length === 0) throw serverError(error.message, error.code);
  return errors.map(({ index }) => index);
}

function serverError(message = 'the write failed', code: number | string | undefined): MongoServerError {
  return new MongoServerError({ message, ...(code !== undefined && { code: Number(code) }) });
}

function requestsOf(documents: readonly MongoDocument[]): MongoDocument[][] {
  const requests: MongoDocument[][] = [];
  let request: MongoDocument[] = [];
  let bytes = 0;
  for (const document of documents) {
    const size = BSON.calculateObjectSize(document);
    if (request.length === MOST_DOCUMENTS || (request.length > 0 && bytes + size > MOST_BYTES)) {
      requests.push(request);
      request = [];
      bytes = 0;
    }
    request.push(document);
    bytes += size;
  }
  return request.length > 0 ? [...requests, request] : requests;
}

/** Before anything is written. Throws `DOCUMENT_TOO_LARGE`. */
export function requireSize(collection: string, document: MongoDocument): void {
  const size = BSON.calculateObjectSize(document);
  if (size <= MOST_BYTES_OF_A_DOCUMENT) return;
  throw new TesseraError(
    'DOCUMENT_TOO_LARGE',
    `${collection}/${document._id} has ${size} bytes; a document may have ${MOST_BYTES_OF_A_DOCUMENT}`,
  );
}
