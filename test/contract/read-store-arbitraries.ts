import fc from 'fast-check';

import type { CollectionSpec, ColumnType, ColumnValue, ScanOptions, StoredDocument } from '#read-store';

/** Few and close to one another, so that keys, values and bounds meet. The last ones are where UTF-8 and UTF-16 differ. */
const CHARACTERS = ['a', 'b', '\u0000', 'é', '\u{d7ff}', '\u{e000}', '\u{ffff}', '\u{10000}', '\u{10ffff}'] as const;
const BYTES = ['00', '01', '7f', '80', 'fe', 'ff'] as const;

const text = fc.string({ unit: fc.constantFrom(...CHARACTERS), maxLength: 3 });
const hash = fc.array(fc.constantFrom(...BYTES), { maxLength: 3 }).map((bytes) => bytes.join(''));
const number = fc.oneof(fc.integer({ min: -2, max: 3 }), fc.constantFrom(Number.MAX_SAFE_INTEGER, 1_291_191_960_000));

function scalarOf(type: ColumnType): fc.Arbitrary<string | number> {
  if (type === 'text') return text;
  return type === 'hash' || type === 'hashes' ? hash : number;
}

function valueOf(type: ColumnType): fc.Arbitrary<ColumnValue> {
  return type === 'hashes' ? fc.array(hash, { maxLength: 3 }) : scalarOf(type);
}

/** Up to 40 documents with different keys; any column may be left out. */
export function documentsOf(spec: CollectionSpec): fc.Arbitrary<Omit<StoredDocument, 'position'>[]> {
  const document = fc.record({ key: spec.key === 'hash' ? hash : text, columns: columnsOf(spec), body: text });
  return fc.uniqueArray(document, { selector: ({ key }) => key, maxLength: 40 });
}

function columnsOf(spec: CollectionSpec): fc.Arbitrary<StoredDocument['columns']> {
  const columns = Object.entries(spec.columns).map(([name, type]) =>
    fc.oneof(
      fc.constant([]),
      valueOf(type).map((value) => [[name, value] as const]),
    ),
  );
  return fc.tuple(...columns).map((entries) => Object.fromEntries(entries.flat()));
}

/** Scans by the key and by every ordered index, with any of the options that may stand together. */
export function scansOf(spec: CollectionSpec): fc.Arbitrary<ScanOptions> {
  const ordered = spec.indexes.filter(({ columns }) => columns.every((name) => spec.columns[name] !== 'hashes'));
  return fc.oneof(keyScan(spec), ...ordered.map(({ name, columns }) => indexScan(spec, name, columns)));
}

function keyScan(spec: CollectionSpec): fc.Arbitrary<ScanOptions> {
  const key = spec.key === 'hash' ? hash : text;
  const after = fc.record({ key });
  const bounds = fc.record({ keyPrefix: key, from: key, to: key, after }, { requiredKeys: [] });
  return fc.tuple(commonOptions(spec), bounds).map(([common, options]) => ({ ...common, ...options }));
}

function indexScan(spec: CollectionSpec, index: string, columns: readonly string[]): fc.Arbitrary<ScanOptions> {
  const types = columns.map((name) => spec.columns[name] as ColumnType);
  return fc.nat(columns.length).chain((fixed) => {
    const range = types[fixed];
    const key = spec.key === 'hash' ? hash : text;
    const bounds =
      range === undefined
        ? fc.record({ after: fc.record({ key }) }, { requiredKeys: [] })
        : fc.record(
            { from: scalarOf(range), to: scalarOf(range), after: fc.record({ value: scalarOf(range), key }) },
            { requiredKeys: [] },
          );
    const equals = fc.tuple(...types.slice(0, fixed).map(scalarOf));
    return fc
      .tuple(commonOptions(spec), bounds, equals)
      .map(([common, options, values]) => ({ ...common, ...options, index, equals: values }));
  });
}

function commonOptions(spec: CollectionSpec): fc.Arbitrary<ScanOptions> {
  const filters = Object.entries(spec.columns).filter(([, type]) => type !== 'hashes');
  const where = fc
    .constantFrom(...filters)
    .chain(([name, type]) => scalarOf(type).map((value): Record<string, string | number> => ({ [name]: value })));
  const order = fc.constantFrom('asc' as const, 'desc' as const);
  const limit = fc.integer({ min: 1, max: 7 });
  return fc.record({ limit, order, body: fc.boolean(), where }, { requiredKeys: ['limit'] });
}
