import type { CollectionSpec, ColumnType, ColumnValue, ScanOptions, StoredDocument } from '#read-store';

type Scalar = string | number;

/** What a scan answers, by looking at every document: slow and plain, to compare adapters with. */
export function scanModel(
  spec: CollectionSpec,
  documents: readonly StoredDocument[],
  options: ScanOptions,
): StoredDocument[] {
  const { keyPrefix, from, to, where = {}, order = 'asc', limit, after, body = true } = options;
  const range = rangeOf(spec, options);
  const direction = order === 'asc' ? 1 : -1;
  const place = (value: Scalar, key: string): readonly [Scalar, string] => [value, key];
  const compare = (a: readonly [Scalar, string], b: readonly [Scalar, string]): number =>
    direction * (compareScalars(range.type, a[0], b[0]) || compareScalars(spec.key, a[1], b[1]));
  const placeOf = (document: StoredDocument): readonly [Scalar, string] => place(range.of(document), document.key);

  return documents
    .filter((document) => isInIndex(spec, document, options))
    .filter(({ columns }) => Object.entries(where).every(([name, value]) => columns[name] === value))
    .filter(({ key }) => keyPrefix === undefined || startsWith(spec.key, key, keyPrefix))
    .filter((document) => from === undefined || compareScalars(range.type, range.of(document), from) >= 0)
    .filter((document) => to === undefined || compareScalars(range.type, range.of(document), to) < 0)
    .filter(
      (document) => after === undefined || compare(placeOf(document), place(after.value ?? after.key, after.key)) > 0,
    )
    .sort((a, b) => compare(placeOf(a), placeOf(b)))
    .slice(0, limit)
    .map((document) => (body ? document : { ...document, body: '' }));
}

/** Where the next page of the same scan begins, if `last` was the last document of this one. */
export function placeAfter(spec: CollectionSpec, options: ScanOptions, last: StoredDocument): ScanOptions['after'] {
  const { column } = rangeOf(spec, options);
  return { ...(column !== undefined && { value: last.columns[column] as Scalar }), key: last.key };
}

interface RangeOfScan {
  /** `undefined`: the key. */
  readonly column: string | undefined;
  readonly type: ColumnType;
  readonly of: (document: StoredDocument) => Scalar;
}

function rangeOf(spec: CollectionSpec, { index, equals = [] }: ScanOptions): RangeOfScan {
  const column = indexColumns(spec, index)[equals.length];
  if (column === undefined) return { column, type: spec.key, of: ({ key }) => key };
  return { column, type: spec.columns[column] as ColumnType, of: ({ columns }) => columns[column] as Scalar };
}

function isInIndex(spec: CollectionSpec, { columns }: StoredDocument, { index, equals = [] }: ScanOptions): boolean {
  const names = indexColumns(spec, index);
  return (
    names.every((name) => columns[name] !== undefined) &&
    equals.every((value, i) => columns[names[i] as string] === value)
  );
}

function indexColumns(spec: CollectionSpec, index: string | undefined): readonly string[] {
  return spec.indexes.find(({ name }) => name === index)?.columns ?? [];
}

export function compareScalars(type: ColumnType, a: ColumnValue, b: ColumnValue): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return Buffer.compare(bytesOf(type, a), bytesOf(type, b));
}

function startsWith(type: ColumnType, key: string, prefix: string): boolean {
  const bytes = bytesOf(type, prefix);
  return bytesOf(type, key).subarray(0, bytes.length).equals(bytes);
}

function bytesOf(type: ColumnType, value: ColumnValue): Buffer {
  return Buffer.from(value as string, type === 'hash' ? 'hex' : 'utf8');
}
