import type { ScanEachOptions, ScanOptions, StoredDocument } from '../../read-store.js';
import type { Connection, Statement } from './connection.js';
import type { RowCodec } from './row-codec.js';
import { scanQuery } from './scan.js';
import type { CollectionTable } from './tables.js';
import { encodeHash } from './values.js';

/** Reads one collection. Each call sees one snapshot. */
export class CollectionReader {
  readonly #whole: Statement;
  readonly #withoutBody: Statement;

  constructor(
    private readonly table: CollectionTable,
    private readonly codec: RowCodec,
    private readonly connection: Connection,
  ) {
    const from = `FROM ${table.name} d INDEXED BY ${table.keyIndex} WHERE d._key = ? AND d._body IS NOT NULL`;
    this.#whole = connection.prepare(`SELECT ${codec.selected}, d._body ${from}`);
    this.#withoutBody = connection.prepare(`SELECT ${codec.selected} ${from}`);
  }

  /** One statement per key: a list of keys in one statement was 20 % slower. */
  get(keys: readonly string[], body: boolean): (StoredDocument | undefined)[] {
    const statement = body ? this.#whole : this.#withoutBody;
    const read = (): (StoredDocument | undefined)[] =>
      keys.map((key) => {
        const row = statement.get(this.codec.encodeKey(key));
        return row && this.codec.decode(row);
      });
    // A statement alone is a snapshot by itself.
    return keys.length > 1 ? this.connection.snapshot(read) : read();
  }

  findByMember(indexName: string, members: readonly string[]): StoredDocument[][] {
    const index = this.table.indexes.find(({ name }) => name === indexName);
    const memberTable = index?.columns[0]?.memberTable;
    if (memberTable === undefined) {
      throw new TypeError(`${this.table.collection} has no index ${indexName} on a hashes column`);
    }
    const find = this.connection.prepare(`SELECT doc FROM ${memberTable} WHERE member = ?`);
    const read = this.connection.prepare(
      `SELECT ${this.codec.selected}, d._body FROM ${this.table.name} d WHERE d._doc = ?`,
    );
    // Often many of the members are of one document, which is as large as they are many: it is read once.
    const known = new Map<unknown, StoredDocument | undefined>();
    const documentOf = (doc: number): StoredDocument | undefined => {
      if (!known.has(doc)) {
        const row = read.get(doc);
        known.set(doc, row && this.codec.decode(row));
      }
      return known.get(doc);
    };
    return this.connection.snapshot(() =>
      members.map((member) =>
        find
          .all(encodeHash(member))
          .flatMap(([doc]) => documentOf(doc as number) ?? [])
          .sort((one, other) => (one.key < other.key ? -1 : 1)),
      ),
    );
  }

  scan(options: ScanOptions): StoredDocument[] {
    const { sql, parameters } = scanQuery(this.table, this.codec, options);
    // A statement alone is a snapshot by itself.
    return this.connection
      .prepare(sql)
      .all(...parameters)
      .map((row) => this.codec.decode(row));
  }

  scanEach({ index, values, order = 'asc', limit }: ScanEachOptions): StoredDocument[][] {
    return this.connection.snapshot(() => values.map((value) => this.scan({ index, equals: [value], order, limit })));
  }

  /** All rows, counted in the narrowest index, without the tombstones, counted in theirs. */
  count(): number {
    const { name, keyIndex, tombstoneIndex } = this.table;
    const [count] = this.connection
      .prepare(
        `SELECT (SELECT count(*) FROM ${name} INDEXED BY ${keyIndex}) - ` +
          `(SELECT count(*) FROM ${name} INDEXED BY ${tombstoneIndex} WHERE _body IS NULL)`,
      )
      .get() as [number];
    return count;
  }
}
