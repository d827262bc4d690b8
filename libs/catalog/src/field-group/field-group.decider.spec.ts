import { describe, expect, it } from '@jest/globals';

import { given } from '../../../../test/support/catalog/given.js';
import {
  CONTACT,
  CRM,
  datasetOf,
  defined,
  enabled,
  groupDefined,
  schemaOf,
} from '../../../../test/support/catalog/schemas.js';
import type { SandboxCatalog } from '../sandbox-catalog.js';
import { defineSchema, enableSchema, type DefineSchema } from '../schema/schema.decider.js';
import { itemValidatorOf } from '../validation/item-validator.js';
import { defineFieldGroup, deleteFieldGroup, type DefineFieldGroup } from './field-group.decider.js';

const text = { type: 'string' };
const define = (group: DefineFieldGroup) => (catalog: SandboxCatalog) => defineFieldGroup(catalog, group);
const withProperties = (more: DefineFieldGroup['properties']): DefineFieldGroup => ({
  ...CONTACT,
  properties: { ...CONTACT.properties, ...more },
});
const extended = (group: DefineFieldGroup, version: number) =>
  ({ type: 'FieldGroupExtended', data: groupDefined(group, version).data }) as const;
const withFax = withProperties({ fax: text });
const CRM_WITH_CONTACT: DefineSchema = { ...CRM, fieldGroups: ['contact'] };

describe('defining a field group', () => {
  it('makes it version 1, with its id for a title', () => {
    given().when(define(CONTACT)).thenCreated(groupDefined(CONTACT));
    given()
      .when(define({ ...CONTACT, title: 'Contact' }))
      .thenCreated(groupDefined({ ...CONTACT, title: 'Contact' }));
  });

  it('changes nothing when it is there like this', () => {
    given(groupDefined(CONTACT)).when(define(CONTACT)).thenUnchanged();
  });

  it.each<[string, DefineFieldGroup['properties'], string]>([
    ['an unknown type', { a: { type: 'text' } }, 'properties.a.type'],
    ['no type', { a: { title: 'A' } }, 'properties.a'],
    ['a boolean for a schema', { a: true }, 'properties.a'],
    ['a pattern that backtracks', { a: { type: 'string', pattern: '(a)\\1' } }, 'properties.a.pattern'],
    ['a reference', { a: { $ref: '#/$defs/a' } }, 'properties.a.$ref'],
    ['a reference to itself', { a: { $ref: '#' } }, 'properties.a.$ref'],
    ['a key that is an instruction', { $unset: text }, 'properties.$unset'],
  ])('refuses %s', (_, properties, path) => {
    given()
      .when(define({ id: 'contact', properties }))
      .thenRefused('FIELD_GROUP_INVALID', [path]);
  });

  it('refuses what is too large', () => {
    const properties = { a: { ...text, description: 'x'.repeat(300_000) } };
    given()
      .when(define({ id: 'contact', properties }))
      .thenRefused('FIELD_GROUP_INVALID', ['properties']);
  });

  it.each(['', 'a/b', 'a'.repeat(65)])('refuses the id %j', (id) => {
    given()
      .when(define({ ...CONTACT, id }))
      .thenRefused('INVALID_REQUEST', ['id']);
  });
});

describe('a schema with field groups', () => {
  const schema = (more: Partial<DefineSchema>) => (catalog: SandboxCatalog) =>
    defineSchema(catalog, { ...CRM_WITH_CONTACT, ...more });
  const group = (id: string, properties: DefineFieldGroup['properties']) => groupDefined({ id, properties });

  it('has what they declare, also for its identities and what it requires', () => {
    const required = {
      schema: { ...CRM.schema, required: ['phone'] },
      identities: [{ path: 'phone', namespace: 'Phone', primary: true }],
    };
    const wanted = { ...CRM_WITH_CONTACT, ...required };
    given(groupDefined(CONTACT)).when(schema(required)).thenCreated(defined(wanted));
    const { catalog } = given(groupDefined(CONTACT), defined(wanted));
    const validate = itemValidatorOf(catalog.schemas.get('crm')!);
    expect(validate({ phone: '1', address: { city: 'Rome' } })).toEqual([]);
    expect(validate({ phone: 1 })).toMatchObject([{ path: 'phone', keyword: 'type' }]);
    expect(validate({ crmId: '7' })).toMatchObject([{ path: 'phone', keyword: 'required' }]);
    expect(validate({ phone: '1', fax: '2' })).toMatchObject([{ path: 'fax', keyword: 'additionalProperties' }]);
  });

  it('refuses a group that is not there, and one named twice', () => {
    given(groupDefined(CONTACT))
      .when(schema({ fieldGroups: ['contact', 'none', 'contact'] }))
      .thenRefused('SCHEMA_INVALID', ['fieldGroups[1]', 'fieldGroups[2]']);
  });

  it('refuses a property that a group and the schema declare with two types, and names both places', () => {
    const message = 'is string here and integer at schema.properties.address.properties.city';
    const own = { properties: { address: { properties: { city: { type: 'integer' } } }, email: text } };
    given(groupDefined(CONTACT))
      .when(schema({ schema: own }))
      .thenRefused('SCHEMA_INVALID', [
        { path: 'fieldGroups[0].properties.address.properties.city', keyword: 'type', message },
      ]);
  });

  it('refuses a property that two groups declare with two types, and takes what they declare alike', () => {
    given(groupDefined(CONTACT), group('other', { phone: { type: 'integer' } }))
      .when(schema({ fieldGroups: ['contact', 'other'] }))
      .thenRefused('SCHEMA_INVALID', [
        {
          path: 'fieldGroups[1].properties.phone',
          message: 'is integer here and string at fieldGroups[0].properties.phone',
        },
      ]);
    const fieldGroups = ['contact', 'other'];
    given(groupDefined(CONTACT), group('other', { phone: text, address: { properties: { zip: text } } }))
      .when(schema({ fieldGroups }))
      .thenCreated(defined({ ...CRM, fieldGroups }));
  });

  it('refuses a property of the class with another type', () => {
    given(group('contact', { identityMap: text }))
      .when(schema({}))
      .thenRefused('SCHEMA_INVALID', [
        { path: 'fieldGroups[0].properties.identityMap', message: 'is string here and object by its class' },
      ]);
  });

  it('cannot be closed by itself: that would shut out what its groups declare', () => {
    given(groupDefined(CONTACT))
      .when(schema({ schema: { ...CRM.schema, additionalProperties: false } }))
      .thenRefused('SCHEMA_INVALID', [{ path: 'schema', keyword: 'additionalProperties' }]);
  });

  it('takes a further group once a dataset names it', () => {
    const before = [groupDefined(CONTACT), defined(CRM), datasetOf(CRM)] as const;
    given(...before)
      .when(schema({}))
      .thenChanged({ type: 'SchemaExtended', data: defined(CRM_WITH_CONTACT, 2).data });
    given(group('contact', { tags: text }), defined(CRM), datasetOf(CRM))
      .when(schema({}))
      .thenRefused('SCHEMA_INVALID', ['fieldGroups[0].properties.tags']);
  });

  it('refuses groups that make it too large together', () => {
    const large = (id: string) => group(id, { [id]: { ...text, description: 'x'.repeat(150_000) } });
    given(large('one'), large('two'))
      .when(schema({ fieldGroups: ['one', 'two'] }))
      .thenRefused('SCHEMA_INVALID', ['fieldGroups']);
  });

  it('can move its own properties into a group while in use, and cannot leave a group', () => {
    const { tags, ...rest } = CRM.schema['properties'] as DefineFieldGroup['properties'];
    const before = [group('tags', { tags: tags! }), groupDefined(CONTACT), defined(CRM_WITH_CONTACT), datasetOf(CRM)];
    const moved = { schema: { ...CRM.schema, properties: rest }, fieldGroups: ['contact', 'tags'] };
    const version = { ...defined({ ...CRM, ...moved }, 2).data };
    given(...before)
      .when(schema(moved))
      .thenChanged({ type: 'SchemaExtended', data: version });
    given(...before)
      .when(schema({ fieldGroups: [] }))
      .thenRefused('SCHEMA_INCOMPATIBLE', ['phone', 'address']);
  });
});

describe('defining a field group that is there', () => {
  const other = withProperties({ phone: { type: 'integer' } });
  const used = [groupDefined(CONTACT), defined(CRM_WITH_CONTACT)] as const;

  it('replaces it while no schema uses it', () => {
    given(groupDefined(CONTACT), defined(CRM)).when(define(other)).thenChanged(groupDefined(other, 2));
  });

  it('extends it once a schema uses it, and the schema follows', () => {
    given(...used)
      .when(define(withFax))
      .thenChanged(extended(withFax, 2));
    const { catalog } = given(...used, extended(withFax, 2));
    expect(itemValidatorOf(catalog.schemas.get('crm')!)({ crmId: '7', fax: '2' })).toEqual([]);
    expect(catalog.schemas.get('crm')).toMatchObject({ version: 1, fieldGroups: ['contact'] });
  });

  it('refuses everything else once a schema uses it, with path and reason', () => {
    given(...used)
      .when(define({ ...CONTACT, properties: { phone: { type: 'integer' } } }))
      .thenRefused('FIELD_GROUP_INCOMPATIBLE', [
        { path: 'phone', keyword: 'type', message: 'was string, cannot become integer' },
        { path: 'address', keyword: 'properties', message: 'was declared, cannot be removed' },
      ]);
  });

  it('refuses what a schema that uses it declares otherwise, and names the schema', () => {
    const { decision } = given(...used).when(define(withProperties({ tags: text })));
    const message = 'is string here and array at schema.properties.tags';
    expect(decision).toMatchObject({
      refusal: {
        code: 'FIELD_GROUP_INCOMPATIBLE',
        message: 'The schema crm cannot follow the field group contact.',
        errors: [{ path: 'properties.tags', message }],
        extra: { schemas: ['crm'] },
      },
    });
  });

  it('refuses what would narrow a schema in use, although it only adds to the group', () => {
    const narrower = withProperties({ crmId: { ...text, maxLength: 3 } });
    given(...used)
      .when(define(narrower))
      .thenChanged(extended(narrower, 2));
    given(...used, datasetOf(CRM))
      .when(define(narrower))
      .thenRefused('FIELD_GROUP_INCOMPATIBLE', [{ path: 'crmId', keyword: 'maxLength' }]);
  });

  it('repeats the union check for the enabled schemas that use it', () => {
    const loyalty = schemaOf('loyalty', { fax: { type: 'integer' } });
    const fax = [{ path: 'fax', message: 'is integer in the schema loyalty and string in crm' }];
    const both = [...used, defined(loyalty), enabled(loyalty)] as const;
    given(...both)
      .when(define(withFax))
      .thenChanged(extended(withFax, 2));
    given(...both, enabled(CRM))
      .when(define(withFax))
      .thenRefused('UNION_CONFLICT', fax);
    const ofEvents = { ...loyalty, class: 'experienceevent' };
    given(...used, defined(ofEvents), enabled(ofEvents), enabled(CRM))
      .when(define(withFax))
      .thenChanged(extended(withFax, 2));
  });

  it('brings its new paths into the union check of schemas that are enabled later', () => {
    const loyalty = schemaOf('loyalty', { fax: { type: 'integer' } });
    given(...used, enabled(CRM), extended(withFax, 2), defined(loyalty))
      .when((catalog) => enableSchema(catalog, { id: 'loyalty' }))
      .thenRefused('UNION_CONFLICT', ['fax']);
  });
});

describe('deleting a field group', () => {
  const remove = (catalog: SandboxCatalog) => deleteFieldGroup(catalog, { id: 'contact' });
  const deleted = { type: 'FieldGroupDeleted', data: { id: 'contact' } } as const;

  it('takes it out of the catalog', () => {
    given(groupDefined(CONTACT), defined(CRM)).when(remove).thenChanged(deleted);
    given(groupDefined(CONTACT), deleted).when(define(CONTACT)).thenCreated(groupDefined(CONTACT));
  });

  it('is refused while schemas use it, and says which', () => {
    const { decision } = given(groupDefined(CONTACT), defined(CRM_WITH_CONTACT)).when(remove);
    expect(decision).toMatchObject({ refusal: { code: 'FIELD_GROUP_IN_USE', extra: { schemas: ['crm'] } } });
  });

  it('is possible once no schema uses it any more', () => {
    given(groupDefined(CONTACT), defined(CRM_WITH_CONTACT), defined(CRM, 2)).when(remove).thenChanged(deleted);
    const schemaDeleted = { type: 'SchemaDeleted', data: { id: 'crm' } } as const;
    given(groupDefined(CONTACT), defined(CRM_WITH_CONTACT), schemaDeleted).when(remove).thenChanged(deleted);
  });

  it('is refused when it is not there', () => {
    given().when(remove).thenRefused('FIELD_GROUP_NOT_FOUND');
  });
});
