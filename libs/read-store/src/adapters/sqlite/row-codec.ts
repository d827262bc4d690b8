import type { ColumnValue, StoredDocument } from '../../read-store.js';
import type { Row, SqlValue } from './connection.js';
import type { CollectionTable, Column } from './tables.js';
import type { Texts } from './texts.js';
import { decodeMembers, decodePosition, encodeHash, encodeMembers, encodeScalar, encodeText } from './values.js';

/** Between documents of one collection and rows of its table. */
export class RowCodec {
  /** What `decode` wants of a row, in this order; `_body` may follow. */
  readonly selected: string;

  constructor(
    private readonly table: CollectionTable,
    private readonly texts: Texts,
  ) {
    this.selected = ['_key', '_pos', ...table.columns.map(({ sqlName }) => sqlName)]
      .map((name) => `d.${name}`)
      .join(', ');
  }

  encodeKey(key: string | number): string | Buffer {
    return this.table.key === 'hash' ? encodeHash(key) : encodeText(key);
  }

  /** Every column of the table; NULL for those that were left out. Throws a `TypeError` for a column it does not have. */
  encodeColumns(columns: Readonly<Record<string, ColumnValue>>): SqlValue[] {
    let given = 0;
    const encoded = this.table.columns.map((column) => {
      const value = columns[column.name];
      if (value === undefined) return null;
      given += 1;
      if (column.interned) return this.texts.intern(encodeText(value));
      return column.type === 'hashes' ? encodeMembers(value) : encodeScalar(column.type, value);
    });
    if (Object.keys(columns).length > given) this.#refuseUnknown(columns);
    return encoded;
  }

  /** A value to compare the column with. */
  encodeFilter(column: Column, value: string | number): SqlValue {
    return column.interned ? this.texts.find(encodeText(value)) : encodeScalar(column.type, value);
  }

  /** `row` as `selected` has it; its body is empty when it was not selected. */
  decode(row: Row): StoredDocument {
    const columns: Record<string, ColumnValue> = {};
    this.table.columns.forEach((column, i) => {
      const stored = row[i + 2] as SqlValue;
      if (stored !== null) columns[column.name] = this.#decodeColumn(column, stored);
    });
    const body = row[this.table.columns.length + 2];
    return {
      key: decodeBytes(row[0] as string | Buffer),
      position: decodePosition(row[1]),
      columns,
      body: typeof body === 'string' ? body : '',
    };
  }

  #decodeColumn({ type, interned }: Column, stored: string | number | Buffer): ColumnValue {
    if (interned) return this.texts.textOf(stored as string | number);
    if (!Buffer.isBuffer(stored)) return stored;
    return type === 'hashes' ? decodeMembers(stored) : stored.toString('hex');
  }

  #refuseUnknown(columns: Readonly<Record<string, ColumnValue>>): void {
    const known = new Set(this.table.columns.map(({ name }) => name));
    const unknown = Object.keys(columns).find((name) => !known.has(name));
    // The others were given as `undefined`, which is the same as left out.
    if (unknown !== undefined) throw new TypeError(`${this.table.collection} has no column ${unknown}`);
  }
}

function decodeBytes(stored: string | Buffer): string {
  return typeof stored === 'string' ? stored : stored.toString('hex');
}
