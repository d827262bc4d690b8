import type { IndexDescription } from 'mongodb';

import type { CollectionSpec, ColumnType, IndexSpec, ProjectionLayout, ProjectionVersion } from '../../read-store.js';

/** How one collection of one deployed version lies in the database. */
export interface MongoCollection {
  readonly collection: string;
  /** Name in the database. */
  readonly name: string;
  readonly key: CollectionSpec['key'];
  readonly columns: readonly Column[];
  readonly indexes: readonly Index[];
  /** Names of the `hashes` columns that documents are found by. */
  readonly memberColumns: readonly string[];
}

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** No index orders it, so that a hash can be stored as bytes. */
  readonly unordered: boolean;
}

export interface Index {
  readonly name: string;
  readonly columns: readonly Column[];
}

export type ProjectionCollections = ReadonlyMap<string, MongoCollection>;

/**
 * Fields beside the columns, whose names begin with a letter. `EPOCH`: of the commit that wrote the document. `GONE`: true
 * on a tombstone, which has neither columns nor a body.
 */
export const POSITION = '_pos';
export const EPOCH = '_epoch';
export const BODY = '_body';
export const GONE = '_gone';

export const KEY_INDEX = '_id_';
export const TOMBSTONE_INDEX = '_gone';

/**
 * `generation` counts how often the version was deployed after a drop. It is in the names, so that what a process that
 * slept through a drop still writes lies where nobody reads. Throws a `TypeError` when a name cannot be used or an index
 * names a column that is not there.
 */
export function projectionCollections(layout: ProjectionLayout, generation: number): ProjectionCollections {
  const prefix = prefixOf(layout) + (generation > 1 ? `${generation}_` : '');
  return new Map(layout.collections.map((spec) => [spec.name, mongoCollection(prefix, spec)]));
}

function mongoCollection(prefix: string, spec: CollectionSpec): MongoCollection {
  const ordered = new Set(spec.indexes.flatMap((index) => index.columns));
  const columns = Object.entries(spec.columns).map(([column, type]): Column => ({
    name: checkedName(column),
    type,
    unordered: type === 'hashes' || !ordered.has(column),
  }));
  const indexes = spec.indexes.map((index) => ({
    name: checkedName(index.name),
    columns: columnsOfIndex(spec, index, columns),
  }));
  const memberColumns = columns.filter(({ name, type }) => type === 'hashes' && ordered.has(name));
  return {
    collection: spec.name,
    name: prefix + checkedName(spec.name),
    key: spec.key,
    columns,
    indexes,
    memberColumns: memberColumns.map(({ name }) => name),
  };
}

function columnsOfIndex(
  spec: CollectionSpec,
  { name, columns: names }: IndexSpec,
  columns: readonly Column[],
): Column[] {
  const found = names.map((wanted) => {
    const column = columns.find((it) => it.name === wanted);
    if (column === undefined) throw new TypeError(`index ${name} of ${spec.name} names the unknown column ${wanted}`);
    return column;
  });
  if (found.length === 0) throw new TypeError(`index ${name} of ${spec.name} has no column`);
  if (found.length > 1 && found.some(({ type }) => type === 'hashes')) {
    throw new TypeError(`index ${name} of ${spec.name}: a hashes column stands alone in its index`);
  }
  return found;
}

/** Whether documents lie in the index in an order; members are only looked up. */
export function isOrdered(index: Index): boolean {
  return index.columns.every(({ type }) => type !== 'hashes');
}

/**
 * Pages of a scan go on by key, so an index in an order ends with the key, or a page among equal values would sort them
 * all. Documents that lack a column are not in it, tombstones in none but their own.
 */
export function indexesOf({ indexes }: MongoCollection): IndexDescription[] {
  const tombstones = { name: TOMBSTONE_INDEX, key: { [EPOCH]: 1 }, partialFilterExpression: { [GONE]: true } } as const;
  return [tombstones, ...indexes.map((index) => (isOrdered(index) ? orderedIndex(index) : memberIndex(index)))];
}

function orderedIndex({ name, columns }: Index): IndexDescription {
  return {
    name,
    key: Object.fromEntries([...columns.map((column) => [column.name, 1] as const), ['_id', 1]]),
    partialFilterExpression: Object.fromEntries(columns.map((column) => [column.name, { $exists: true }])),
  };
}

function memberIndex({ name, columns }: Index): IndexDescription {
  return { name, key: Object.fromEntries(columns.map((column) => [column.name, 1])), sparse: true };
}

// Single underscores only, and no `_v1` in a projection's name: so no two of the names made here can be the same.
const NAME = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;
const PROJECTION_NAME = /^[a-z](?!.*_v\d+(_|$))[a-z0-9_]*$/;

function checkedName(name: string): string {
  if (!NAME.test(name)) throw new TypeError(`a name has lower-case letters, digits and single _: ${name}`);
  return name;
}

export function nameOf({ projection, version }: ProjectionVersion): string {
  if (!PROJECTION_NAME.test(projection)) throw new TypeError(`not a name for a projection: ${projection}`);
  if (!Number.isSafeInteger(version) || version < 0) throw new TypeError(`not a version: ${version}`);
  return `${projection}_v${version}`;
}

function prefixOf(version: ProjectionVersion): string {
  return `${nameOf(version)}_`;
}

/** Whether a name in the database is that of a collection of this version, of this generation or an earlier one. */
export function belongsTo(version: ProjectionVersion, generation: number, name: string): boolean {
  const prefix = prefixOf(version);
  if (!name.startsWith(prefix)) return false;
  // A collection's own name begins with a letter.
  const [, digits = '1'] = /^(\d+)_/.exec(name.slice(prefix.length)) ?? [];
  return Number(digits) <= generation;
}
