import type { ScanOptions } from '../../read-store.js';
import type { SqlValue } from './connection.js';
import type { RowCodec } from './row-codec.js';
import { isOrdered, type CollectionTable, type Column, type Index } from './tables.js';
import { compareValues, endOfPrefix } from './values.js';

export interface ScanQuery {
  readonly sql: string;
  readonly parameters: readonly SqlValue[];
}

interface Condition {
  readonly sql: string;
  readonly parameters: readonly SqlValue[];
}

/** What a scan walks along: rows are in the order of `range`, then of the key. */
interface Path {
  readonly sqlIndex: string;
  readonly fixed: readonly Condition[];
  /** The column after those of `equals`; `undefined`: the key is the range. */
  readonly range: Column | undefined;
}

/** Throws a `TypeError` for an index, a column or a combination of options that the collection does not offer. */
export function scanQuery(table: CollectionTable, codec: RowCodec, options: ScanOptions): ScanQuery {
  const { order = 'asc', limit, body = true, where = {} } = options;
  if (!Number.isSafeInteger(limit) || limit < 1) throw new TypeError(`not a limit: ${limit}`);
  const path = options.index === undefined ? keyPath(table, options) : indexPath(table, codec, options);
  const conditions = [
    ...path.fixed,
    ...(path.range === undefined ? keyRange(codec, options) : columnRange(codec, path.range, options)),
    ...Object.entries(where).map(([name, value]) => equals(codec, filterColumn(table, name), value)),
    { sql: 'd._body IS NOT NULL', parameters: [] },
  ];
  const direction = order === 'asc' ? 'ASC' : 'DESC';
  const ordered = path.range === undefined ? ['_key'] : [path.range.sqlName, '_key'];
  return {
    sql:
      `SELECT ${codec.selected}${body ? ', d._body' : ''} FROM ${table.name} d INDEXED BY ${path.sqlIndex} ` +
      `WHERE ${conditions.map(({ sql }) => sql).join(' AND ')} ` +
      `ORDER BY ${ordered.map((name) => `d.${name} ${direction}`).join(', ')} LIMIT ?`,
    parameters: [...conditions.flatMap(({ parameters }) => parameters), limit],
  };
}

function keyPath(table: CollectionTable, { equals: leading }: ScanOptions): Path {
  if (leading !== undefined) throw new TypeError('`equals` needs an index');
  return { sqlIndex: table.keyIndex, fixed: [], range: undefined };
}

function indexPath(table: CollectionTable, codec: RowCodec, options: ScanOptions): Path {
  const { equals: leading = [], keyPrefix, from, to, after } = options;
  const index = orderedIndex(table, options.index);
  if (leading.length > index.columns.length)
    throw new TypeError(`index ${index.name} has fewer columns than \`equals\``);
  if (keyPrefix !== undefined) throw new TypeError('`keyPrefix` works without an index only');
  const range = index.columns[leading.length];
  if (range === undefined && (from !== undefined || to !== undefined || after?.value !== undefined)) {
    throw new TypeError(`all columns of index ${index.name} are in \`equals\`: there is none left for a range`);
  }
  const fixed = leading.map((value, i) => equals(codec, index.columns[i] as Column, value));
  // Documents that lack a column are not in the index, and SQLite wants to hear that none of them is asked for.
  const present = index.columns.map(({ sqlName }) => ({ sql: `d.${sqlName} IS NOT NULL`, parameters: [] }));
  return { sqlIndex: index.sqlName, fixed: [...fixed, ...present], range };
}

function orderedIndex(table: CollectionTable, name: string | undefined): Index {
  const index = table.indexes.find((it) => it.name === name);
  if (index === undefined) throw new TypeError(`${table.collection} has no index ${name}`);
  if (!isOrdered(index)) throw new TypeError(`index ${name} is for \`findByMember\``);
  return index;
}

function filterColumn(table: CollectionTable, name: string): Column {
  const column = table.columns.find((it) => it.name === name);
  if (column === undefined || column.type === 'hashes')
    throw new TypeError(`${table.collection} has no column ${name} to filter by`);
  return column;
}

function equals(codec: RowCodec, column: Column, value: string | number): Condition {
  return { sql: `d.${column.sqlName} = ?`, parameters: [codec.encodeFilter(column, value)] };
}

function keyRange(codec: RowCodec, { keyPrefix, from, to, after, order }: ScanOptions): Condition[] {
  if (after?.value !== undefined) throw new TypeError('`after` has a value only where a column is the range');
  const keyOf = (key: string | number | undefined): string | Buffer | undefined =>
    key === undefined ? undefined : codec.encodeKey(key);
  const prefix = keyOf(keyPrefix);
  const start = tightest([keyOf(from), prefix], 1);
  const end = tightest([keyOf(to), prefix === undefined ? undefined : endOfPrefix(prefix)], -1);
  const value = keyOf(after?.key);
  const place = value === undefined ? undefined : { value, sql: `d._key ${beyond(order)} ?`, parameters: [value] };
  return between({ column: 'd._key', start, end }, order, place);
}

function columnRange(codec: RowCodec, range: Column, { from, to, after, order }: ScanOptions): Condition[] {
  const column = `d.${range.sqlName}`;
  const valueOf = (value: string | number | undefined): SqlValue | undefined =>
    value === undefined ? undefined : codec.encodeFilter(range, value);
  const value = valueOf(after?.value);
  if (after !== undefined && value === undefined) throw new TypeError(`\`after\` needs the value of ${range.name}`);
  const place =
    after === undefined || value === undefined
      ? undefined
      : { value, sql: `(${column}, d._key) ${beyond(order)} (?, ?)`, parameters: [value, codec.encodeKey(after.key)] };
  return between({ column, start: valueOf(from), end: valueOf(to) }, order, place);
}

interface Range {
  readonly column: string;
  /** Inclusive. */
  readonly start: SqlValue | undefined;
  /** Exclusive. */
  readonly end: SqlValue | undefined;
}

/** Where an earlier page ended, and the condition for what lies behind it. */
interface Place extends Condition {
  readonly value: SqlValue;
}

function beyond(order: ScanOptions['order']): '<' | '>' {
  return order === 'desc' ? '<' : '>';
}

/** The place stands instead of the bound that it is beyond: of two bounds SQLite might begin its search at the wider. */
function between({ column, start, end }: Range, order: ScanOptions['order'], place: Place | undefined): Condition[] {
  const lower = bound(column, '>=', start);
  const upper = bound(column, '<', end);
  if (place === undefined) return [...lower, ...upper];
  if (order === 'desc')
    return [...lower, ...(end === undefined || compareValues(place.value, end) < 0 ? [place] : upper)];
  return [...(start === undefined || compareValues(place.value, start) >= 0 ? [place] : lower), ...upper];
}

function bound(column: string, operator: '>=' | '<', value: SqlValue | undefined): Condition[] {
  return value === undefined ? [] : [{ sql: `${column} ${operator} ?`, parameters: [value] }];
}

/** The greatest (`side` 1) or least (`side` -1) of those that are there. */
function tightest<T extends SqlValue>(values: readonly (T | undefined)[], side: 1 | -1): T | undefined {
  return values.reduce<T | undefined>((best, value) => {
    if (best === undefined || value === undefined) return best ?? value;
    return compareValues(value, best) * side > 0 ? value : best;
  }, undefined);
}
