import { describe, expect, it } from '@jest/globals';

import { given } from '../../../../test/support/catalog/given.js';
import { CRM, datasetOf, defined } from '../../../../test/support/catalog/schemas.js';
import type { SandboxCatalog } from '../sandbox-catalog.js';
import {
  defaultMergePolicy,
  deleteMergePolicy,
  missingDatasets,
  putMergePolicy,
  type PutMergePolicy,
} from './merge-policy.decider.js';
import type { MergePolicyEvent, MergePolicyVersion } from './merge-policy.events.js';

const CRM_THERE = [defined(CRM), datasetOf(CRM)] as const;
const CRM_FIRST = {
  id: 'crm-first',
  name: 'CRM first',
  class: 'profile',
  identityGraph: 'pdg',
  attributeMerge: { type: 'dataSetPrecedence', order: ['crm'] },
} as const satisfies PutMergePolicy;
const NEWEST = { ...CRM_FIRST, id: 'default', name: 'Default', attributeMerge: { type: 'timestampOrdered' } } as const;

const version = (changes: Partial<MergePolicyVersion> = {}): MergePolicyVersion => ({
  ...CRM_FIRST,
  version: 1,
  attributeMerge: { ...CRM_FIRST.attributeMerge, granularity: 'fragment' },
  default: false,
  ...changes,
});
const FIRST: MergePolicyVersion = {
  ...NEWEST,
  version: 1,
  attributeMerge: { type: 'timestampOrdered', granularity: 'fragment' },
  default: true,
};
const created = (changes?: Partial<MergePolicyVersion>): MergePolicyEvent => ({
  type: 'MergePolicyCreated',
  data: version(changes),
});
const put = (command: PutMergePolicy) => (catalog: SandboxCatalog) => putMergePolicy(catalog, command);
const remove = (id: string) => (catalog: SandboxCatalog) => deleteMergePolicy(catalog, { id });

describe('putting a merge policy', () => {
  it('creates one that is not there, with what was left out at its default', () => {
    given(...CRM_THERE)
      .when(put(CRM_FIRST))
      .thenCreated(created());
  });

  it('changes nothing when it is there like this, also once its dataset is deleted', () => {
    const deleted = { type: 'DatasetDeleted', data: { id: 'crm' } } as const;
    given(...CRM_THERE, created())
      .when(put(CRM_FIRST))
      .thenUnchanged();
    given(...CRM_THERE, created(), deleted)
      .when(put({ ...CRM_FIRST, default: false }))
      .thenUnchanged();
    given().when(put(NEWEST)).thenUnchanged();
  });

  it('makes a new version of one that is there, the one that came with the sandbox included', () => {
    const attributeMerge = { type: 'timestampOrdered', granularity: 'field' } as const;
    given(...CRM_THERE, created())
      .when(put({ ...CRM_FIRST, attributeMerge }))
      .thenChanged({ type: 'MergePolicyChanged', data: version({ version: 2, attributeMerge }) });
    given()
      .when(put({ ...NEWEST, attributeMerge }))
      .thenChanged({ type: 'MergePolicyChanged', data: { ...FIRST, version: 2, attributeMerge } });
  });

  it('moves the default: the one that it was steps back in the same append', () => {
    const stepsBack = { type: 'MergePolicyChanged', data: { ...FIRST, version: 2, default: false } } as const;
    given(...CRM_THERE)
      .when(put({ ...CRM_FIRST, default: true }))
      .thenCreated(created({ default: true }), stepsBack);
    given(...CRM_THERE, created())
      .when(put({ ...CRM_FIRST, default: true }))
      .thenChanged({ type: 'MergePolicyChanged', data: version({ version: 2, default: true }) }, stepsBack);
  });

  it('leaves the default where it is when nothing is said of it', () => {
    given(...CRM_THERE, created({ default: true }), {
      type: 'MergePolicyChanged',
      data: { ...FIRST, version: 2, default: false },
    })
      .when(put({ ...CRM_FIRST, name: 'First CRM' }))
      .thenChanged({
        type: 'MergePolicyChanged',
        data: version({ version: 2, name: 'First CRM', default: true }),
      });
  });

  it('refuses to leave the sandbox without a default', () => {
    given()
      .when(put({ ...NEWEST, default: false }))
      .thenRefused('MERGE_POLICY_IS_DEFAULT', ['default']);
  });

  it('refuses datasets that are not there, with the path', () => {
    given(...CRM_THERE)
      .when(put({ ...CRM_FIRST, attributeMerge: { type: 'dataSetPrecedence', order: ['crm', 'nope'] } }))
      .thenRefused('DATASET_NOT_FOUND', [{ path: 'attributeMerge.order[1]', message: 'there is no dataset "nope"' }]);
  });

  it.each<[PutMergePolicy['attributeMerge'], string]>([
    [{ type: 'dataSetPrecedence' }, 'attributeMerge.order'],
    [{ type: 'dataSetPrecedence', order: [] }, 'attributeMerge.order'],
    [{ type: 'dataSetPrecedence', order: ['crm', 'crm'] }, 'attributeMerge.order[1]'],
    [{ type: 'timestampOrdered', order: ['crm'] }, 'attributeMerge.order'],
  ])('refuses %j', (attributeMerge, path) => {
    given(...CRM_THERE)
      .when(put({ ...CRM_FIRST, attributeMerge }))
      .thenRefused('INVALID_REQUEST', [path]);
  });

  it('refuses other classes for now, and ids that name nothing', () => {
    given(...CRM_THERE)
      .when(put({ ...CRM_FIRST, class: 'account' }))
      .thenRefused('NOT_SUPPORTED', ['class']);
    given(...CRM_THERE)
      .when(put({ ...CRM_FIRST, id: 'a/b' }))
      .thenRefused('INVALID_REQUEST', ['id']);
  });
});

describe('deleting a merge policy', () => {
  it('takes it away, the one that came with the sandbox too, once another is the default', () => {
    given(...CRM_THERE, created())
      .when(remove('crm-first'))
      .thenChanged({ type: 'MergePolicyDeleted', data: { id: 'crm-first' } });
    given(...CRM_THERE, created({ default: true }))
      .when(remove('default'))
      .thenChanged({ type: 'MergePolicyDeleted', data: { id: 'default' } });
  });

  it('refuses while it is the default, and one that is not there', () => {
    given().when(remove('default')).thenRefused('MERGE_POLICY_IS_DEFAULT');
    given().when(remove('crm-first')).thenRefused('MERGE_POLICY_NOT_FOUND');
  });
});

describe('the default merge policy', () => {
  it('comes with the sandbox, and is never two', () => {
    expect(defaultMergePolicy(given().catalog)).toMatchObject({ id: 'default', version: 1 });
    const { mergePolicies } = given(...CRM_THERE, created({ default: true })).catalog;
    expect([...mergePolicies.values()].filter((policy) => policy.default).map(({ id }) => id)).toEqual(['crm-first']);
  });

  it('counts how often its rule changed: not for another name, nor for what is not the default', () => {
    const revision = (...events: readonly MergePolicyEvent[]) =>
      given(...CRM_THERE, ...events).catalog.defaultMerge.revision;
    const changed = (changes: Partial<MergePolicyVersion>): MergePolicyEvent => ({
      type: 'MergePolicyChanged',
      data: version(changes),
    });
    expect(revision()).toBe(0);
    expect(revision(created())).toBe(0);
    expect(revision(created({ default: true }))).toBe(1);
    expect(revision(created({ default: true }), changed({ default: true, name: 'Other' }))).toBe(1);
    const attributeMerge = { type: 'timestampOrdered', granularity: 'fragment' } as const;
    expect(revision(created({ default: true }), changed({ default: true, attributeMerge }))).toBe(2);
  });
});

describe('datasets that a policy names', () => {
  it('are missing once they are deleted', () => {
    const deleted = { type: 'DatasetDeleted', data: { id: 'crm' } } as const;
    expect(missingDatasets(given(...CRM_THERE).catalog, version())).toEqual([]);
    expect(missingDatasets(given(...CRM_THERE, deleted).catalog, version())).toEqual(['crm']);
    expect(missingDatasets(given().catalog, FIRST)).toEqual([]);
  });
});
