import { setImmediate as nextTurn } from 'node:timers/promises';

import { canonicalJson, type JsonValue } from '#core';
import type { DocumentReader, StoredDocument } from '#read-store';

import type { ProjectedCollection } from './projected-collection.js';

export interface Difference {
  readonly collection: string;
  readonly key: string;
  /** `missing`: only the fresh fold has it; `extra`: only the live view has it. */
  readonly kind: 'missing' | 'extra' | 'different';
  /** Columns and body as the live view has them. */
  readonly live?: string;
  readonly fresh?: string;
}

export interface Comparison {
  readonly compared: number;
  readonly differenceCount: number;
  /** The first hundred. */
  readonly differences: readonly Difference[];
}

const LISTED = 100;
const SCAN_PAGE = 500;

/** Compares two versions document by document; where they were written (`position`) does not count. */
export async function compareVersions(
  collections: readonly ProjectedCollection[],
  live: DocumentReader,
  fresh: DocumentReader,
  onProgress: (compared: number) => void,
): Promise<Comparison> {
  const differences: Difference[] = [];
  let compared = 0;
  let differenceCount = 0;
  for (const collection of collections) {
    const name = collection.spec.name;
    for await (const [a, b] of sideBySide(name, live, fresh)) {
      compared += 1;
      if (compared % SCAN_PAGE === 0) {
        onProgress(compared);
        await nextTurn();
      }
      const difference = differenceOf(collection, a, b);
      if (difference === undefined) continue;
      differenceCount += 1;
      if (differences.length < LISTED) differences.push(difference);
    }
  }
  return { compared, differenceCount, differences };
}

function differenceOf(
  { spec, codec }: ProjectedCollection,
  live: StoredDocument | undefined,
  fresh: StoredDocument | undefined,
): Difference | undefined {
  const liveText = live && canonicalDocument(live, codec);
  const freshText = fresh && canonicalDocument(fresh, codec);
  if (liveText === freshText) return undefined;
  return {
    collection: spec.name,
    key: (live ?? fresh)?.key ?? '',
    kind: live === undefined ? 'missing' : fresh === undefined ? 'extra' : 'different',
    ...(liveText !== undefined && { live: liveText }),
    ...(freshText !== undefined && { fresh: freshText }),
  };
}

function canonicalDocument({ columns, body }: StoredDocument, codec: 'json' | 'text'): string {
  const members = Object.entries(columns).map(([name, value]) => [name, sortedList(value)] as const);
  return canonicalJson({
    columns: Object.fromEntries(members) as JsonValue,
    body: codec === 'text' ? body : (JSON.parse(body) as JsonValue),
  });
}

function sortedList(value: StoredDocument['columns'][string]): JsonValue {
  return typeof value === 'object' ? [...value].sort() : value;
}

type Pair = readonly [StoredDocument | undefined, StoredDocument | undefined];

/** Walks one collection of both versions in key order, pairing equal keys. */
async function* sideBySide(name: string, live: DocumentReader, fresh: DocumentReader): AsyncGenerator<Pair> {
  const left = inKeyOrder(name, live);
  const right = inKeyOrder(name, fresh);
  let a = await left.next();
  let b = await right.next();
  while (a.done !== true || b.done !== true) {
    const order = a.done === true ? 1 : b.done === true ? -1 : compareKeys(a.value.key, b.value.key);
    yield [order <= 0 ? a.value : undefined, order >= 0 ? b.value : undefined];
    if (order <= 0) a = await left.next();
    if (order >= 0) b = await right.next();
  }
}

/** As the store orders keys: by UTF-8 bytes. */
function compareKeys(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

async function* inKeyOrder(name: string, reader: DocumentReader): AsyncGenerator<StoredDocument, undefined> {
  let after: { readonly key: string } | undefined;
  for (;;) {
    const page = await reader.scan(name, { limit: SCAN_PAGE, ...(after && { after }) });
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < SCAN_PAGE) return undefined;
    after = { key: last.key };
  }
}
