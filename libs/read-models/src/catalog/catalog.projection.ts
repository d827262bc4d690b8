import {
  catalogDocumentKey,
  decodeCatalogEvent,
  foldCatalogDocument,
  type CatalogEntity,
  type CatalogEvent,
  type Recorded,
} from '#catalog';
import { STREAM_PREFIX } from '#core';
import { defineProjection, isApplied, type AnyProjection, type Entry, type Session } from '#projection';

export const CATALOG_PROJECTION = 'catalog';

/**
 * One document per namespace, field group, schema, dataset, blocked link and merge policy that was ever changed, and one
 * for the identity settings; key `<sandbox>/<kind>/<id>`, body as HTTP answers it.
 */
export const CATALOG = { name: 'catalog', key: 'text', columns: {}, indexes: [] } as const;

interface CatalogChange extends Recorded<CatalogEvent> {
  readonly key: string;
}

/** What is defined in every sandbox, for queries and for whoever reads the read store beside us. */
export function catalogProjection(): AnyProjection {
  return defineProjection<CatalogChange, undefined>({
    name: CATALOG_PROJECTION,
    version: 2,
    prefixes: [STREAM_PREFIX.catalog],
    collections: [{ spec: CATALOG, codec: 'json', cache: 1_000 }],
    decode({ stream, type, data, metadata }) {
      const event = decodeCatalogEvent(type, data);
      if (event === undefined) return undefined;
      const at = metadata['ingestedAt'];
      if (typeof at !== 'number') throw new TypeError('the metadata of a catalog event has no time');
      return { key: catalogDocumentKey(stream.slice(STREAM_PREFIX.catalog.length), event), event, at };
    },
    beginPage: () => undefined,
    perStream: {
      load: (entries, session) => session.load(CATALOG.name, new Set(entries.map(({ value }) => value.key))),
      apply: applyCatalogChange,
    },
    perPage: [],
  });
}

function applyCatalogChange(entry: Entry<CatalogChange>, session: Session): void {
  const { key } = entry.value;
  const before = session.get<CatalogEntity>(CATALOG.name, key);
  if (before !== undefined && isApplied(before.position, entry)) return;
  const after = foldCatalogDocument(before?.value, entry.value);
  if (after !== undefined) session.put(CATALOG.name, key, {}, after);
  else if (before !== undefined) session.delete(CATALOG.name, key);
}
