import fc from 'fast-check';

import type { CollectionSpec, ColumnType, ColumnValue, ScanOptions, StoredDocument } from '#read-store';

import type { TextOrder } from './read-store-fixture.js';

/** Few and close to one another, so that keys, values and bounds meet. */
const BASIC = ['a', 'b', '\u0000', 'é', '\u{d7ff}', '\u{e000}', '\u{ffff}'] as const;
/** Where the orders of UTF-8 and UTF-16 differ. */
const SUPPLEMENTARY = ['\u{10000}', '\u{10ffff}'] as const;
const BYTES = ['00', '01', '7f', '80', 'fe', 'ff'] as const;

const hash = fc.array(fc.constantFrom(...BYTES), { maxLength: 3 }).map((bytes) => bytes.join(''));
const number = fc.oneof(fc.integer({ min: -2, max: 3 }), fc.constantFrom(Number.MAX_SAFE_INTEGER, 1_291_191_960_000));

/** Documents and scans of any collection. */
export class ReadStoreArbitraries {
  readonly #text: fc.Arbitrary<string>;

  /** `utf-16`: no text in which the order of UTF-16 code units would differ from that of UTF-8 bytes. */
  constructor(textOrder: TextOrder) {
    const characters = textOrder === 'utf-8' ? [...BASIC, ...SUPPLEMENTARY] : BASIC;
    this.#text = fc.string({ unit: fc.constantFrom(...characters), maxLength: 3 });
  }

  /** Up to 40 documents with different keys; any column may be left out. */
  documentsOf(spec: CollectionSpec): fc.Arbitrary<Omit<StoredDocument, 'position'>[]> {
    const document = fc.record({ key: this.#keyOf(spec), columns: this.#columnsOf(spec), body: this.#text });
    return fc.uniqueArray(document, { selector: ({ key }) => key, maxLength: 40 });
  }

  /** Scans by the key and by every ordered index, with any of the options that may stand together. */
  scansOf(spec: CollectionSpec): fc.Arbitrary<ScanOptions> {
    const ordered = spec.indexes.filter(({ columns }) => columns.every((name) => spec.columns[name] !== 'hashes'));
    return fc.oneof(this.#keyScan(spec), ...ordered.map(({ name, columns }) => this.#indexScan(spec, name, columns)));
  }

  #keyOf(spec: CollectionSpec): fc.Arbitrary<string> {
    return spec.key === 'hash' ? hash : this.#text;
  }

  #scalarOf(type: ColumnType): fc.Arbitrary<string | number> {
    if (type === 'text') return this.#text;
    return type === 'hash' || type === 'hashes' ? hash : number;
  }

  #valueOf(type: ColumnType): fc.Arbitrary<ColumnValue> {
    return type === 'hashes' ? fc.array(hash, { maxLength: 3 }) : this.#scalarOf(type);
  }

  #columnsOf(spec: CollectionSpec): fc.Arbitrary<StoredDocument['columns']> {
    const columns = Object.entries(spec.columns).map(([name, type]) =>
      fc.oneof(
        fc.constant([]),
        this.#valueOf(type).map((value) => [[name, value] as const]),
      ),
    );
    return fc.tuple(...columns).map((entries) => Object.fromEntries(entries.flat()));
  }

  #keyScan(spec: CollectionSpec): fc.Arbitrary<ScanOptions> {
    const key = this.#keyOf(spec);
    const after = fc.record({ key });
    const bounds = fc.record({ keyPrefix: key, from: key, to: key, after }, { requiredKeys: [] });
    return fc.tuple(this.#commonOptions(spec), bounds).map(([common, options]) => ({ ...common, ...options }));
  }

  #indexScan(spec: CollectionSpec, index: string, columns: readonly string[]): fc.Arbitrary<ScanOptions> {
    const types = columns.map((name) => spec.columns[name] as ColumnType);
    return fc.nat(columns.length).chain((fixed) => {
      const range = types[fixed];
      const key = this.#keyOf(spec);
      const bounds =
        range === undefined
          ? fc.record({ after: fc.record({ key }) }, { requiredKeys: [] })
          : fc.record(
              {
                from: this.#scalarOf(range),
                to: this.#scalarOf(range),
                after: fc.record({ value: this.#scalarOf(range), key }),
              },
              { requiredKeys: [] },
            );
      const equals = fc.tuple(...types.slice(0, fixed).map((type) => this.#scalarOf(type)));
      return fc
        .tuple(this.#commonOptions(spec), bounds, equals)
        .map(([common, options, values]) => ({ ...common, ...options, index, equals: values }));
    });
  }

  #commonOptions(spec: CollectionSpec): fc.Arbitrary<ScanOptions> {
    const filters = Object.entries(spec.columns).filter(([, type]) => type !== 'hashes');
    const where = fc
      .constantFrom(...filters)
      .chain(([name, type]) =>
        this.#scalarOf(type).map((value): Record<string, string | number> => ({ [name]: value })),
      );
    const order = fc.constantFrom('asc' as const, 'desc' as const);
    const limit = fc.integer({ min: 1, max: 7 });
    return fc.record({ limit, order, body: fc.boolean(), where }, { requiredKeys: ['limit'] });
  }
}
