import type { ColumnValue, DocumentWrite, StoredDocument } from '../../read-store.js';
import { BODY, EPOCH, GONE, POSITION, type Column, type MongoCollection } from './collections.js';
import type { MongoDocument } from './connection.js';
import { encodeBytes, encodeHash, encodeMembers, encodeNumber, encodeText } from './values.js';

/** Stamped on every document of a commit. */
export interface Stamp {
  readonly position: string;
  readonly epoch: number;
}

/** Between documents of one collection of the port and documents of MongoDB. */
export class DocumentCodec {
  readonly #columns: ReadonlyMap<string, Column>;

  constructor(private readonly collection: MongoCollection) {
    this.#columns = new Map(collection.columns.map((column) => [column.name, column]));
  }

  encodeKey(key: string | number): string {
    return this.collection.key === 'hash' ? encodeHash(key) : encodeText(key);
  }

  /** Throws a `TypeError` for a column that the collection does not have, or a value of another type. */
  encode({ key, action, columns, body }: DocumentWrite, { position, epoch }: Stamp): MongoDocument {
    const document: MongoDocument = { _id: this.encodeKey(key), [POSITION]: position, [EPOCH]: epoch };
    if (action === 'delete') {
      document[GONE] = true;
      return document;
    }
    for (const [name, value] of Object.entries<ColumnValue | undefined>(columns)) {
      // Given as `undefined`, it is left out.
      if (value !== undefined) document[name] = encodeColumn(this.column(name), value);
    }
    document[BODY] = encodeText(body);
    return document;
  }

  column(name: string): Column {
    const column = this.#columns.get(name);
    if (column === undefined) throw new TypeError(`${this.collection.collection} has no column ${name}`);
    return column;
  }

  /** Its body is empty when it was not asked for. */
  decode(document: MongoDocument): StoredDocument {
    const columns: Record<string, ColumnValue> = {};
    for (const { name } of this.collection.columns) {
      const stored = document[name];
      if (stored !== undefined) columns[name] = decodeColumn(stored);
    }
    const body = document[BODY];
    return {
      key: document._id,
      position: document[POSITION] as string,
      columns,
      body: typeof body === 'string' ? body : '',
    };
  }
}

/** The same for a value to be stored and for one to compare with. */
export function encodeColumn({ type, unordered }: Column, value: ColumnValue): unknown {
  if (type === 'hashes') return encodeMembers(value);
  if (type === 'hash') return unordered ? encodeBytes(value) : encodeHash(value);
  return type === 'text' ? encodeText(value) : encodeNumber(type, value);
}

function decodeColumn(stored: unknown): ColumnValue {
  if (Array.isArray(stored)) return (stored as readonly Buffer[]).map((member) => member.toString('hex'));
  return Buffer.isBuffer(stored) ? stored.toString('hex') : (stored as string | number);
}
