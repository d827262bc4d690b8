import type { DocumentWrite } from '../../read-store.js';
import type { Connection, Row, SqlValue, Statement } from './connection.js';
import type { RowCodec } from './row-codec.js';
import { memberTables, type CollectionTable } from './tables.js';
import { decodeMembers, encodeHash, encodeText } from './values.js';

/** A document as it is to lie in its table; a tombstone's body and columns are NULL. */
interface NewRow {
  readonly key: SqlValue;
  readonly position: SqlValue;
  readonly columns: readonly SqlValue[];
  readonly body: string | null;
}

/** Writes one collection, within a transaction of the caller. */
export class CollectionWriter {
  readonly #tombstone: readonly SqlValue[];
  readonly #write: (row: NewRow) => void;

  constructor(
    private readonly table: CollectionTable,
    private readonly codec: RowCodec,
    connection: Connection,
  ) {
    this.#tombstone = table.columns.map(() => null);
    this.#write = memberTables(table).length > 0 ? writeWithMembers(connection, table) : writePlain(connection, table);
  }

  /** In the order of their keys, which is the order of the index pages. A key may occur once. */
  write(writes: readonly DocumentWrite[], position: SqlValue): void {
    const sorted = [...writes].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
    let previous: string | undefined;
    for (const write of sorted) {
      if (write.key === previous) throw new TypeError(`${this.table.collection}/${write.key} is twice in one commit`);
      previous = write.key;
      this.#write(this.#rowOf(write, position));
    }
  }

  #rowOf({ key, action, columns, body }: DocumentWrite, position: SqlValue): NewRow {
    const deleted = action === 'delete';
    return {
      key: this.codec.encodeKey(key),
      position,
      columns: deleted ? this.#tombstone : this.codec.encodeColumns(columns),
      body: deleted ? null : encodeText(body),
    };
  }
}

function insertSql({ name, columns }: CollectionTable): string {
  const names = ['_key', '_pos', ...columns.map(({ sqlName }) => sqlName), '_body'];
  return `INSERT INTO ${name} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`;
}

/** The guard: a document at the same position or a later one is left as it is. */
function writePlain(connection: Connection, table: CollectionTable): (row: NewRow) => void {
  const changed = ['_pos', ...table.columns.map(({ sqlName }) => sqlName), '_body'];
  const assignments = changed.map((name) => `${name} = excluded.${name}`).join(', ');
  const upsert = connection.prepare(
    `${insertSql(table)} ON CONFLICT (_key) DO UPDATE SET ${assignments} WHERE _pos < excluded._pos`,
  );
  return ({ key, position, columns, body }) => {
    upsert.run(key, position, ...columns, body);
  };
}

/**
 * With members the row that is there must be read first. That is also the chance to leave columns alone that did not
 * change: SQLite would write their index entries again, a page each (a sixth of the cost of updating profiles).
 */
function writeWithMembers(connection: Connection, table: CollectionTable): (row: NewRow) => void {
  const names = table.columns.map(({ sqlName }) => sqlName);
  const find = connection.prepare(
    `SELECT _doc, _pos < ?, ${names.join(', ')} FROM ${table.name} INDEXED BY ${table.keyIndex} WHERE _key = ?`,
  );
  const insert = connection.prepare(insertSql(table));
  const updateBody = connection.prepare(`UPDATE ${table.name} SET _pos = ?, _body = ? WHERE _doc = ?`);
  const assignments = names.map((name) => `${name} = ?`).join(', ');
  const update = connection.prepare(`UPDATE ${table.name} SET _pos = ?, _body = ?, ${assignments} WHERE _doc = ?`);
  const index = memberIndex(connection, table);

  return ({ key, position, columns, body }) => {
    const found = find.get(position, key);
    if (found === undefined) {
      index(insert.run(key, position, ...columns, body).lastInsertRowid, undefined, columns);
      return;
    }
    const [doc, older, ...before] = found;
    if (older !== 1) return;
    if (before.every((value, i) => sameValue(value, columns[i]))) {
      updateBody.run(position, body, doc);
    } else {
      update.run(position, body, ...columns, doc);
      index(doc as number, before, columns);
    }
  };
}

type MemberIndex = (doc: number | bigint, before: Row | undefined, after: Row) => void;

/** Keeps the member tables in step with the documents; only what differs is written. */
function memberIndex(connection: Connection, table: CollectionTable): MemberIndex {
  const columns = table.columns.flatMap(({ memberTable }, at) =>
    memberTable === undefined ? [] : [{ at, ...memberStatements(connection, memberTable) }],
  );
  return (doc, before, after) => {
    for (const { at, add, remove } of columns) {
      const old = membersOf(before?.[at]);
      const now = membersOf(after[at]);
      for (const member of old) if (!now.has(member)) remove.run(encodeHash(member), doc);
      for (const member of now) if (!old.has(member)) add.run(encodeHash(member), doc);
    }
  };
}

function memberStatements(
  connection: Connection,
  table: string,
): { readonly add: Statement; readonly remove: Statement } {
  return {
    add: connection.prepare(`INSERT INTO ${table} (member, doc) VALUES (?, ?)`),
    remove: connection.prepare(`DELETE FROM ${table} WHERE member = ? AND doc = ?`),
  };
}

function membersOf(stored: SqlValue | undefined): ReadonlySet<string> {
  return new Set(Buffer.isBuffer(stored) ? decodeMembers(stored) : []);
}

function sameValue(a: SqlValue | undefined, b: SqlValue | undefined): boolean {
  return Buffer.isBuffer(a) && Buffer.isBuffer(b) ? a.equals(b) : a === b;
}
