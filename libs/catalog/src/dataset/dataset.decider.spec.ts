import { describe, expect, it } from '@jest/globals';

import { given } from '../../../../test/support/catalog/given.js';
import { CRM, datasetOf, defined, enabled, ofThings } from '../../../../test/support/catalog/schemas.js';
import { isShown } from '../sandbox-catalog.js';
import { deleteSchema } from '../schema/schema.decider.js';
import { createDataset, deleteDataset, disableDataset, enableDataset } from './dataset.decider.js';

const ENABLED = { type: 'DatasetEnabledForProfile', data: { id: 'crm' } } as const;
const DISABLED = { type: 'DatasetDisabledForProfile', data: { id: 'crm' } } as const;

describe('creating a dataset', () => {
  const create = (command: object) => (catalog: ReturnType<typeof given>['catalog']) =>
    createDataset(catalog, { id: 'crm', schema: 'crm', ...command });

  it('takes the defaults for what is left out', () => {
    given(defined(CRM)).when(create({})).thenCreated(datasetOf(CRM));
    given(defined(CRM))
      .when(create({ upsert: false, ordering: 'arrival' }))
      .thenCreated(datasetOf(CRM));
  });

  it('refuses a schema that is not there', () => {
    given().when(create({})).thenRefused('SCHEMA_NOT_FOUND', ['schema']);
  });

  it('refuses a schema of a class that datasets do not take yet', () => {
    const account = { ...ofThings('account'), id: 'crm' };
    given(defined(account)).when(create({})).thenRefused('NOT_SUPPORTED', ['schema']);
    given(defined({ ...account, class: 'product' }))
      .when(create({}))
      .thenRefused('NOT_SUPPORTED', ['schema']);
  });

  it('changes nothing when it is there like this', () => {
    given(defined(CRM), datasetOf(CRM)).when(create({})).thenUnchanged();
  });

  it('refuses another schema for the same dataset, be it defined or not', () => {
    given(defined(CRM), datasetOf(CRM))
      .when(create({ schema: 'other' }))
      .thenRefused('DATASET_DIFFERS', [{ path: 'schema', message: 'is "crm"' }]);
  });

  it('takes records for upserts and goes by source time where it is asked to', () => {
    given(defined(CRM))
      .when(create({ upsert: true, ordering: 'source' }))
      .thenCreated({ type: 'DatasetCreated', data: { id: 'crm', schema: 'crm', upsert: true, ordering: 'source' } });
  });

  it('never changes what it is', () => {
    given(defined(CRM), datasetOf(CRM))
      .when(create({ upsert: true, ordering: 'source' }))
      .thenRefused('DATASET_DIFFERS', [
        { path: 'upsert', message: 'is false' },
        { path: 'ordering', message: 'is "arrival"' },
      ]);
  });

  it('neither patches nor orders events', () => {
    given(defined({ ...CRM, class: 'experienceevent' }))
      .when(create({ upsert: true, ordering: 'source' }))
      .thenRefused('INVALID_REQUEST', ['upsert', 'ordering']);
  });

  it.each(['', '-a', 'a/b', 'a.b', 'é', 'a'.repeat(65)])('refuses the id %j', (id) => {
    given(defined(CRM)).when(create({ id })).thenRefused('INVALID_REQUEST', ['id']);
  });
});

describe('enabling a dataset', () => {
  const enable = (catalog: ReturnType<typeof given>['catalog']) => enableDataset(catalog, { id: 'crm' });
  const schemaEnabled = [defined(CRM), datasetOf(CRM), enabled(CRM)] as const;

  it('shows its items when the schema is enabled too', () => {
    given(...schemaEnabled)
      .when(enable)
      .thenChanged(ENABLED);
    const { catalog } = given(...schemaEnabled, ENABLED);
    expect(isShown(catalog, catalog.datasets.get('crm')!)).toBe(true);
    given(...schemaEnabled, ENABLED)
      .when(enable)
      .thenUnchanged();
  });

  it('refuses while the schema is not enabled', () => {
    given(defined(CRM), datasetOf(CRM)).when(enable).thenRefused('SCHEMA_NOT_ENABLED');
  });

  it('refuses a dataset that is not there', () => {
    given().when(enable).thenRefused('DATASET_NOT_FOUND');
  });
});

describe('disabling a dataset', () => {
  const disable = (catalog: ReturnType<typeof given>['catalog']) => disableDataset(catalog, { id: 'crm' });
  const shown = [defined(CRM), datasetOf(CRM), enabled(CRM), ENABLED] as const;

  it('stops new items from showing, and can be taken back', () => {
    given(...shown)
      .when(disable)
      .thenChanged(DISABLED);
    const { catalog } = given(...shown, DISABLED);
    expect(isShown(catalog, catalog.datasets.get('crm')!)).toBe(false);
    given(...shown, DISABLED)
      .when((after) => enableDataset(after, { id: 'crm' }))
      .thenChanged(ENABLED);
  });

  it('changes nothing when it is not enabled, and refuses one that is not there', () => {
    given(...shown, DISABLED)
      .when(disable)
      .thenUnchanged();
    given().when(disable).thenRefused('DATASET_NOT_FOUND');
  });
});

describe('deleting a dataset', () => {
  const remove = (catalog: ReturnType<typeof given>['catalog']) => deleteDataset(catalog, { id: 'crm' });
  const DELETED = { type: 'DatasetDeleted', data: { id: 'crm' } } as const;

  it('takes it out of the catalog and frees its schema and its id', () => {
    given(defined(CRM), datasetOf(CRM)).when(remove).thenChanged(DELETED);
    const after = given(defined(CRM), datasetOf(CRM), DELETED);
    expect(after.catalog.datasets.has('crm')).toBe(false);
    after
      .when((catalog) => deleteSchema(catalog, { id: 'crm' }))
      .thenChanged({ type: 'SchemaDeleted', data: { id: 'crm' } });
    after.when((catalog) => createDataset(catalog, { id: 'crm', schema: 'crm' })).thenCreated(datasetOf(CRM));
  });

  it('refuses one that is not there', () => {
    given().when(remove).thenRefused('DATASET_NOT_FOUND');
    given(defined(CRM), datasetOf(CRM), DELETED).when(remove).thenRefused('DATASET_NOT_FOUND');
  });
});
