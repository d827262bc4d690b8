import { randomUUID } from 'node:crypto';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import type { CatalogEvent } from '#catalog';
import { catalogStream } from '#core';
import { ProjectionRunner } from '#projection';

import { AT, SANDBOX } from '../../../../test/support/catalog/given.js';
import { CONTACT, CRM, datasetOf, defined, enabled, groupDefined } from '../../../../test/support/catalog/schemas.js';
import { openEmbeddedEngines, type EmbeddedEngines } from '../../../../test/support/embedded-engines.js';
import { CATALOG, CATALOG_PROJECTION, catalogProjection } from './catalog.projection.js';

const version = { projection: CATALOG_PROJECTION, version: 2000 };
const KEYS = ['namespace/crmid', 'field-group/contact', 'schema/crm', 'dataset/crm'].map((key) => `${SANDBOX}/${key}`);
const time = new Date(AT).toISOString();
const times = { createdAt: time, updatedAt: time };

describe.each([1, 100])('the catalog projection, %i events a page', (pageSize) => {
  let engines: EmbeddedEngines;

  beforeEach(async () => {
    engines = await openEmbeddedEngines();
  });
  afterEach(() => engines.dispose());

  /** What is in the view under `KEYS` once these events are folded. */
  async function documentsAfter(...events: readonly CatalogEvent[]): Promise<readonly unknown[]> {
    const { log, store } = engines;
    const writes = events.map(({ type, data }) => ({
      stream: catalogStream(SANDBOX),
      expected: 'any' as const,
      events: [{ id: randomUUID(), type, data: JSON.stringify(data) }],
    }));
    await log.append({ common: { sandbox: SANDBOX, ingestedAt: AT }, writes });
    const projection = catalogProjection();
    const runner = new ProjectionRunner({ log, store, projection, version, poison: 'stop', pageSize });
    await runner.open();
    await runner.run(new AbortController().signal, await log.head());
    const found = await store.reader(version).get(CATALOG.name, KEYS);
    return found.map((document) => document && (JSON.parse(document.body) as unknown));
  }

  it('has a document for everything that is defined, as HTTP answers it', async () => {
    const withContact = { ...CRM, fieldGroups: ['contact'] };
    const { data } = groupDefined(CONTACT);
    expect(await documentsAfter(groupDefined(CONTACT), defined(withContact), enabled(CRM), datasetOf(CRM))).toEqual([
      undefined,
      { ...data, ...times },
      { ...withContact, version: 1, enabled: true, ...times },
      { id: 'crm', schema: 'crm', upsert: false, ordering: 'arrival', enabled: false, ...times },
    ]);
  });

  it('has no document any more of what was deleted, and one again of what was defined anew', async () => {
    const schemaDeleted = { type: 'SchemaDeleted', data: { id: 'crm' } } as const;
    const groupDeleted = { type: 'FieldGroupDeleted', data: { id: 'contact' } } as const;
    const gone = [groupDefined(CONTACT), defined(CRM), schemaDeleted, groupDeleted] as const;
    expect(await documentsAfter(...gone)).toEqual([undefined, undefined, undefined, undefined]);
    const [, group, schema] = await documentsAfter(defined(CRM), groupDefined(CONTACT));
    expect([group, schema]).toMatchObject([{ id: 'contact' }, { id: 'crm', enabled: false }]);
  });
});
