import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { toRfc3339, type JsonObject } from '#core';

import { AT, given, SANDBOX } from '../../../test/support/catalog/given.js';
import { CRM, CRM_SCHEMA, schemaOf } from '../../../test/support/catalog/schemas.js';
import { catalogDocumentKey, foldCatalogDocument, type CatalogEntity } from './catalog-documents.js';
import { CATALOG_EVENT_TYPES, decodeCatalogEvent, type CatalogEvent } from './catalog.events.js';
import { createDataset, disableDataset, enableDataset } from './dataset/dataset.decider.js';
import type { Decision } from './decision.js';
import { defineFieldGroup, deleteFieldGroup } from './field-group/field-group.decider.js';
import { deleteMergePolicy, putMergePolicy } from './merge-policy/merge-policy.decider.js';
import { blockLink, unblockLink } from './identity/identity-link.decider.js';
import { changeIdentitySettings } from './identity/identity-settings.decider.js';
import { defineNamespace } from './namespace/namespace.decider.js';
import { emptyCatalog, evolveCatalog, type SandboxCatalog } from './sandbox-catalog.js';
import { defineSchema, deleteSchema, enableSchema } from './schema/schema.decider.js';
import { schemaDocument } from './schema/schema.js';
import { shapeOf } from './schema/schema-shape.js';
import { unionConflicts } from './union/union-conflicts.js';

type Decide = (catalog: SandboxCatalog) => Decision<CatalogEvent>;

const someGroup = fc.constantFrom('contact', 'other');
const id = fc.constantFrom('crm', 'loyalty', 'web', 'not an id');
const definitions = [
  CRM,
  { ...CRM, fieldGroups: ['contact'] },
  { ...schemaOf('', {}), fieldGroups: ['other', 'contact'] },
  { ...CRM, class: 'experienceevent' },
  { ...CRM, schema: { ...CRM_SCHEMA, required: [] } },
  { ...CRM, identities: [{ path: 'crmId', namespace: 'crmid', primary: true }] },
  schemaOf('', { name: { type: 'string' } }),
  schemaOf('', { name: { type: 'string' }, phone: { type: 'string' } }),
  schemaOf('', { name: { type: 'text' } }),
];

const groups: readonly JsonObject[] = [
  {},
  { phone: { type: 'string' } },
  { phone: { type: 'string' }, fax: { type: 'string' } },
  { phone: { type: 'integer' } },
  { phone: {} },
];

const wish = fc.record(
  { merge: fc.constantFrom('timestampOrdered', 'dataSetPrecedence'), default: fc.boolean() },
  { requiredKeys: ['merge'] },
);
const someone = fc.record({ namespace: fc.constantFrom('Email', 'email', 'CRMID'), id: fc.constantFrom('1', '2') });

const command: fc.Arbitrary<Decide> = fc.oneof(
  fc
    .record({
      code: fc.constantFrom('CRMID', 'crmId', 'Email', '?'),
      idType: fc.constantFrom('COOKIE', 'CROSS_DEVICE'),
    })
    .map(
      (it): Decide =>
        (catalog) =>
          defineNamespace(catalog, { name: 'N', ...it }),
    ),
  fc.tuple(id, fc.constantFrom(...definitions)).map(
    ([schema, definition]): Decide =>
      (catalog) =>
        defineSchema(catalog, { ...definition, id: schema }),
  ),
  id.map(
    (schema): Decide =>
      (catalog) =>
        enableSchema(catalog, { id: schema }),
  ),
  fc.record({ id: someGroup, properties: fc.constantFrom(...groups) }).map(
    (it): Decide =>
      (catalog) =>
        defineFieldGroup(catalog, it),
  ),
  id.map(
    (schema): Decide =>
      (catalog) =>
        deleteSchema(catalog, { id: schema }),
  ),
  someGroup.map(
    (group): Decide =>
      (catalog) =>
        deleteFieldGroup(catalog, { id: group }),
  ),
  fc.record({ id, schema: id }).map(
    (it): Decide =>
      (catalog) =>
        createDataset(catalog, it),
  ),
  id.map(
    (dataset): Decide =>
      (catalog) =>
        enableDataset(catalog, { id: dataset }),
  ),
  id.map(
    (dataset): Decide =>
      (catalog) =>
        disableDataset(catalog, { id: dataset }),
  ),
  fc.record({ id: fc.constantFrom('default', 'mine', 'not an id'), order: fc.subarray(['crm', 'web']), wish }).map(
    ({ id: policy, order, wish: { merge, ...rest } }): Decide =>
      (catalog) =>
        putMergePolicy(catalog, {
          id: policy,
          name: 'N',
          class: 'profile',
          identityGraph: 'pdg',
          attributeMerge: { type: merge, ...(merge === 'dataSetPrecedence' && { order }) },
          ...rest,
        }),
  ),
  fc.constantFrom('default', 'mine').map(
    (policy): Decide =>
      (catalog) =>
        deleteMergePolicy(catalog, { id: policy }),
  ),
  fc.record({ unique: fc.subarray(['Email', 'CRMID']), maxIdentities: fc.constantFrom(1, 50, 60) }).map(
    (it): Decide =>
      (catalog) =>
        changeIdentitySettings(catalog, it),
  ),
  fc.record({ decide: fc.constantFrom(blockLink, unblockLink), a: someone, b: someone }).map(
    ({ decide, ...ends }): Decide =>
      (catalog) =>
        decide(catalog, { ...ends, reason: 'Because', by: 'somebody' }),
  ),
);

/** The events that a run of commands leaves in the log. */
function run(commands: readonly Decide[]): readonly CatalogEvent[] {
  let catalog = emptyCatalog(SANDBOX);
  return commands.flatMap((decide) => {
    const decision = decide(catalog);
    if (decision.outcome === 'refused' || decision.outcome === 'unchanged') return [];
    for (const event of decision.events) catalog = evolveCatalog(catalog, { event, at: AT });
    // A decision that was taken is not taken again; what was deleted is not there.
    expect(['unchanged', 'refused']).toContain(decide(catalog).outcome);
    return decision.events;
  });
}

describe('whatever commands come', () => {
  const runs = fc.array(command, { maxLength: 25 }).map(run);

  it('schemas are valid, datasets have one, and what is enabled is fit for the union', () => {
    fc.assert(
      fc.property(runs, (events) => {
        const { catalog } = given(...events);
        for (const schema of catalog.schemas.values()) {
          expect(() => shapeOf(schema)).not.toThrow();
          if (!schema.enabled) continue;
          expect(unionConflicts(catalog.schemas.values(), schema)).toEqual([]);
          expect(schema.identityMap || schema.identities.some(({ primary }) => primary)).toBe(true);
        }
        for (const dataset of catalog.datasets.values()) expect(catalog.schemas.has(dataset.schema)).toBe(true);
        for (const { fieldGroups, groups: held } of catalog.schemas.values()) {
          expect(held).toEqual(fieldGroups.map((group) => catalog.fieldGroups.get(group)));
        }
      }),
    );
  });

  it('one merge policy is the default, and its rule is the one that merged views go by', () => {
    fc.assert(
      fc.property(runs, (events) => {
        const { mergePolicies, defaultMerge } = given(...events).catalog;
        const defaults = [...mergePolicies.values()].filter((policy) => policy.default);
        expect(defaults.map(({ attributeMerge }) => attributeMerge)).toEqual([defaultMerge.attributeMerge]);
      }),
    );
  });

  it('the documents say what the catalog says', () => {
    fc.assert(
      fc.property(runs, (events) => {
        const documents = new Map<string, CatalogEntity>();
        for (const event of events) {
          const key = catalogDocumentKey(SANDBOX, event);
          const document = foldCatalogDocument(documents.get(key), { event, at: AT });
          if (document === undefined) documents.delete(key);
          else documents.set(key, document);
        }
        const { namespaces, fieldGroups, schemas, datasets, mergePolicies, identitySettings, blockedLinks } = given(
          ...events,
        ).catalog;
        const own = [...namespaces].filter(([, namespace]) => !namespace.builtIn);
        const policies = [...mergePolicies].filter(([, { updatedAt }]) => updatedAt !== undefined);
        expect(Object.fromEntries(documents)).toEqual({
          ...Object.fromEntries(own.map(([key, it]) => [`${SANDBOX}/namespace/${key}`, it])),
          ...Object.fromEntries([...fieldGroups].map(([key, it]) => [`${SANDBOX}/field-group/${key}`, it])),
          ...Object.fromEntries([...schemas].map(([key, it]) => [`${SANDBOX}/schema/${key}`, schemaDocument(it)])),
          ...Object.fromEntries([...datasets].map(([key, it]) => [`${SANDBOX}/dataset/${key}`, it])),
          ...Object.fromEntries(policies.map(([key, it]) => [`${SANDBOX}/merge-policy/${key}`, it])),
          ...(identitySettings.version > 0 && { [`${SANDBOX}/settings/identity`]: identitySettings }),
          ...Object.fromEntries(
            [...blockedLinks].map((key) => [
              `${SANDBOX}/blocked-link/${key}`,
              expect.objectContaining({ reason: 'Because', by: 'somebody', blockedAt: toRfc3339(AT) }),
            ]),
          ),
        });
      }),
    );
  });
});

describe('events of the catalog', () => {
  it('come back from the log as they were, and those of other parts are passed over', () => {
    const event: CatalogEvent = { type: 'DatasetEnabledForProfile', data: { id: 'crm' } };
    expect(decodeCatalogEvent(event.type, JSON.stringify(event.data))).toEqual(event);
    expect(decodeCatalogEvent('OfALaterVersion', '{}')).toBeUndefined();
    expect(CATALOG_EVENT_TYPES).toHaveLength(18);
  });

  it('about what was never defined change nothing', () => {
    const event: CatalogEvent = { type: 'DatasetEnabledForProfile', data: { id: 'crm' } };
    expect(given(event).catalog).toEqual(emptyCatalog(SANDBOX));
    expect(foldCatalogDocument(undefined, { event, at: AT })).toBeUndefined();
  });
});
