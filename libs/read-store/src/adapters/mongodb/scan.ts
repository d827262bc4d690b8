import type { Document } from 'mongodb';

import type { ScanOptions } from '../../read-store.js';
import { GONE, isOrdered, KEY_INDEX, type Column, type Index, type MongoCollection } from './collections.js';
import { encodeColumn, type DocumentCodec } from './document-codec.js';
import { endOfPrefix } from './values.js';

export interface ScanQuery {
  readonly filter: Document;
  readonly sort: Record<string, 1 | -1>;
  /** Named, so that no server chooses another way. */
  readonly hint: string;
}

/**
 * What to ask for, one after the other until there are enough documents: behind a place there are first those with the
 * same value, then those with the next ones. Each is one stretch of the index; as one query with `$or` it would be up to
 * the server's planner. Throws a `TypeError` for what the collection does not offer.
 */
export function scanQueries(collection: MongoCollection, codec: DocumentCodec, options: ScanOptions): ScanQuery[] {
  const { limit, where = {} } = options;
  requireLimit(limit);
  const filters = Object.entries(where).map(([name, value]) => equals(filterColumn(codec, name), value));
  return options.index === undefined
    ? [keyScan(codec, options, filters)]
    : indexScan(orderedIndex(collection, options.index), codec, options, filters);
}

export function requireLimit(limit: number): void {
  if (!Number.isSafeInteger(limit) || limit < 1) throw new TypeError(`not a limit: ${limit}`);
}

function keyScan(codec: DocumentCodec, options: ScanOptions, filters: readonly Document[]): ScanQuery {
  const { equals: leading, keyPrefix, from, to, after } = options;
  if (leading !== undefined) throw new TypeError('`equals` needs an index');
  if (after?.value !== undefined) throw new TypeError('`after` has a value only where a column is the range');
  const prefix = keyPrefix === undefined ? undefined : codec.encodeKey(keyPrefix);
  const conditions = [
    ...bound('_id', '$gte', prefix),
    ...bound('_id', '$lt', prefix === undefined ? undefined : endOfPrefix(prefix)),
    ...bound('_id', '$gte', from === undefined ? undefined : codec.encodeKey(from)),
    ...bound('_id', '$lt', to === undefined ? undefined : codec.encodeKey(to)),
    ...bound('_id', beyond(options), after === undefined ? undefined : codec.encodeKey(after.key)),
    ...filters,
    { [GONE]: { $exists: false } },
  ];
  return { filter: { $and: conditions }, sort: { _id: direction(options) }, hint: KEY_INDEX };
}

function indexScan(
  index: Index,
  codec: DocumentCodec,
  options: ScanOptions,
  filters: readonly Document[],
): ScanQuery[] {
  const { equals: leading = [], from, to, after, keyPrefix } = options;
  if (leading.length > index.columns.length)
    throw new TypeError(`index ${index.name} has fewer columns than \`equals\``);
  if (keyPrefix !== undefined) throw new TypeError('`keyPrefix` works without an index only');
  const range = index.columns[leading.length];
  if (range === undefined && (from !== undefined || to !== undefined || after?.value !== undefined)) {
    throw new TypeError(`all columns of index ${index.name} are in \`equals\`: there is none left for a range`);
  }
  const conditions = [
    ...leading.map((value, i) => equals(index.columns[i] as Column, value)),
    // The server takes an index that lacks documents only when it hears that none of them is asked for.
    ...index.columns.map(({ name }) => ({ [name]: { $exists: true } })),
    ...(range === undefined ? [] : between(range, options)),
    ...filters,
  ];
  const order = direction(options);
  const sort = range === undefined ? { _id: order } : { [range.name]: order, _id: order };
  return placesBehind(range, codec, options).map((place) => ({
    filter: { $and: [...conditions, ...place] },
    sort,
    hint: index.name,
  }));
}

/** One walk through the index past several values, encoded, of its first column. */
export function eachQuery(
  { columns, name }: Index,
  encoded: readonly unknown[],
  order: 'asc' | 'desc' = 'asc',
): ScanQuery {
  const way = direction({ order });
  const conditions = columns.map((column, i) => ({
    [column.name]: i === 0 ? { $in: encoded, $exists: true } : { $exists: true },
  }));
  const sort = Object.fromEntries([...columns.slice(0, 2).map((column) => [column.name, way] as const), ['_id', way]]);
  return { filter: { $and: conditions }, sort, hint: name };
}

/** The conditions of each stretch that lies behind `after`. */
function placesBehind(range: Column | undefined, codec: DocumentCodec, options: ScanOptions): Document[][] {
  const { after } = options;
  if (after === undefined) return [[]];
  const behindKey = { _id: { [beyond(options)]: codec.encodeKey(after.key) } };
  if (range === undefined) return [[behindKey]];
  if (after.value === undefined) throw new TypeError(`\`after\` needs the value of ${range.name}`);
  const value = encodeColumn(range, after.value);
  return [[{ [range.name]: value }, behindKey], [{ [range.name]: { [beyond(options)]: value } }]];
}

function between(range: Column, { from, to }: ScanOptions): Document[] {
  return [
    ...bound(range.name, '$gte', from === undefined ? undefined : encodeColumn(range, from)),
    ...bound(range.name, '$lt', to === undefined ? undefined : encodeColumn(range, to)),
  ];
}

function bound(field: string, operator: string, value: unknown): Document[] {
  return value === undefined ? [] : [{ [field]: { [operator]: value } }];
}

function equals(column: Column, value: string | number): Document {
  return { [column.name]: encodeColumn(column, value) };
}

function beyond({ order }: Pick<ScanOptions, 'order'>): '$lt' | '$gt' {
  return order === 'desc' ? '$lt' : '$gt';
}

function direction({ order }: Pick<ScanOptions, 'order'>): 1 | -1 {
  return order === 'desc' ? -1 : 1;
}

export function orderedIndex({ collection, indexes }: MongoCollection, name: string): Index {
  const index = indexes.find((it) => it.name === name);
  if (index === undefined) throw new TypeError(`${collection} has no index ${name}`);
  if (!isOrdered(index)) throw new TypeError(`index ${name} is for \`findByMember\``);
  return index;
}

function filterColumn(codec: DocumentCodec, name: string): Column {
  const column = codec.column(name);
  if (column.type === 'hashes') throw new TypeError(`${name} holds members: \`findByMember\` looks for them`);
  return column;
}
