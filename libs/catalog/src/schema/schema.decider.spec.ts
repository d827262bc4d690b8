import { describe, expect, it } from '@jest/globals';

import { given } from '../../../../test/support/catalog/given.js';
import {
  CRM,
  CRM_SCHEMA,
  datasetOf,
  defined,
  enabled,
  ofThings,
  schemaOf,
} from '../../../../test/support/catalog/schemas.js';
import type { SandboxCatalog } from '../sandbox-catalog.js';
import { defineSchema, deleteSchema, enableSchema, type DefineSchema } from './schema.decider.js';
import type { SchemaVersion } from './schema.events.js';

const define = (schema: DefineSchema) => (catalog: SandboxCatalog) => defineSchema(catalog, schema);
const enable = (id: string) => (catalog: SandboxCatalog) => enableSchema(catalog, { id });
const extended = (schema: DefineSchema, version: number) =>
  ({ type: 'SchemaExtended', data: { version, fieldGroups: [], ...schema } as SchemaVersion }) as const;
const withPhone: DefineSchema = {
  ...CRM,
  schema: { ...CRM_SCHEMA, properties: { ...CRM_SCHEMA.properties, phone: { type: 'string' } } },
};

describe('defining a schema', () => {
  it('makes it version 1', () => {
    given().when(define(CRM)).thenCreated(defined(CRM));
  });

  it('writes namespaces as they were defined', () => {
    const identities = [{ path: 'email', namespace: 'eMAIL', primary: true }];
    given()
      .when(define({ ...CRM, identities }))
      .thenCreated(defined(CRM));
  });

  it('changes nothing when it is there like this, in any order of keys', () => {
    const { required, properties } = CRM_SCHEMA;
    given(defined(CRM))
      .when(define({ ...CRM, schema: { required, properties } }))
      .thenUnchanged();
  });

  it.each(['account', 'opportunity', 'account-person', 'opportunity-person', 'product', 'constructor'])(
    'takes the class %s, whose items nobody owns',
    (name) => {
      const schema = { ...ofThings(name), schema: { properties: { name: { type: 'string' } } } };
      given().when(define(schema)).thenCreated(defined(schema));
    },
  );

  it.each([
    ['Profile', 'is not a class: say profile'],
    ['experience-event', 'is not a class: say experienceevent'],
    ['accountPerson', 'is not a class: say account-person'],
    ['my class', expect.stringContaining('a record class of your own') as unknown as string],
    ['', expect.stringContaining('must be one of profile, experienceevent, account') as unknown as string],
  ])('refuses the class %j', (name, message) => {
    given()
      .when(define({ ...CRM, class: name }))
      .thenRefused('SCHEMA_INVALID', [{ path: 'class', message }]);
  });

  it('refuses people as owners of what nobody owns', () => {
    given()
      .when(define({ ...CRM, class: 'account', identityMap: true }))
      .thenRefused('SCHEMA_INVALID', ['identities[0].namespace', 'identityMap']);
    const contact = { ...ofThings('account'), schema: CRM.schema };
    const identities = [...contact.identities, { ...CRM.identities[0]!, primary: false }];
    given()
      .when(define({ ...contact, identities }))
      .thenCreated(defined({ ...contact, identities }));
  });

  it.each([
    ['nothing', 'phone', 'identities[0].path'],
    ['an object', 'name', 'identities[0].path'],
    ['an array', 'tags', 'identities[0].path'],
    ['elements of an array', 'tags[*]', 'identities[0].path'],
    ['no path', 'a..b', 'identities[0].path'],
    ['a path in another spelling', '["email"]', 'identities[0].path'],
  ])('refuses a descriptor whose path leads to %s', (_, path, at) => {
    given()
      .when(define({ ...CRM, identities: [{ path, namespace: 'Email', primary: true }] }))
      .thenRefused('SCHEMA_INVALID', [at]);
  });

  it('refuses descriptors with an unknown namespace or a path twice', () => {
    const identities = [
      { path: 'email', namespace: 'Email', primary: true },
      { path: 'email', namespace: 'CRMID', primary: false },
    ];
    given()
      .when(define({ ...CRM, identities }))
      .thenRefused('SCHEMA_INVALID', ['identities[1].namespace', 'identities[1].path']);
  });

  it('refuses a second primary descriptor', () => {
    const identities = [
      { path: 'crmId', namespace: 'Phone', primary: true },
      { path: 'email', namespace: 'Email', primary: true },
    ];
    given()
      .when(define({ ...CRM, identities }))
      .thenRefused('SCHEMA_INVALID', ['identities[1].primary']);
  });

  it('takes a descriptor of what the class brings', () => {
    const schema = {
      ...CRM,
      identities: [{ path: 'extSourceSystemAudit.externalID', namespace: 'Phone', primary: true }],
    };
    given().when(define(schema)).thenCreated(defined(schema));
  });
});

describe('defining a schema that is there', () => {
  const incompatible: DefineSchema = { ...CRM, schema: { properties: { email: { type: 'string' } } } };

  it('replaces it while no dataset names it', () => {
    given(defined(CRM)).when(define(incompatible)).thenChanged(defined(incompatible, 2));
  });

  it('extends it once a dataset names it', () => {
    given(defined(CRM), datasetOf(CRM)).when(define(withPhone)).thenChanged(extended(withPhone, 2));
  });

  it('keeps what it was: enabled, and since when', () => {
    const { catalog } = given(defined(CRM), enabled(CRM), extended(withPhone, 2));
    expect(catalog.schemas.get('crm')).toMatchObject({ version: 2, enabled: true, schema: withPhone.schema });
  });

  it('refuses everything else once a dataset names it, with path and reason', () => {
    given(defined(CRM), datasetOf(CRM))
      .when(define(incompatible))
      .thenRefused('SCHEMA_INCOMPATIBLE', [
        { path: 'crmId', message: 'was declared, cannot be removed' },
        { path: 'email', keyword: 'format' },
        { path: 'name', keyword: 'properties' },
        { path: 'tags', keyword: 'properties' },
      ]);
  });

  it('repeats the union check when it is enabled', () => {
    const loyalty = schemaOf('loyalty', { phone: { type: 'integer' } });
    given(defined(CRM), enabled(CRM), datasetOf(CRM), defined(loyalty), enabled(loyalty))
      .when(define(withPhone))
      .thenRefused('UNION_CONFLICT', ['phone']);
  });

  it('keeps a primary identity when it is enabled, even where no dataset names it', () => {
    given(defined(CRM), enabled(CRM))
      .when(define({ ...CRM, identities: [] }))
      .thenRefused('NO_PRIMARY_IDENTITY');
  });
});

describe('deleting a schema', () => {
  const remove = (catalog: SandboxCatalog) => deleteSchema(catalog, { id: 'crm' });
  const deleted = { type: 'SchemaDeleted', data: { id: 'crm' } } as const;

  it('takes it out of the catalog, and out of the union when it was enabled', () => {
    given(defined(CRM)).when(remove).thenChanged(deleted);
    given(defined(CRM), enabled(CRM)).when(remove).thenChanged(deleted);
    const conflicting = schemaOf('loyalty', { name: { type: 'string' } });
    given(defined(CRM), enabled(CRM), deleted, defined(conflicting))
      .when(enable('loyalty'))
      .thenChanged(enabled(conflicting));
    given(defined(CRM), deleted).when(define(CRM)).thenCreated(defined(CRM));
  });

  it('is refused while datasets name it, and says which', () => {
    const second = { type: 'DatasetCreated', data: { ...datasetOf(CRM).data, id: 'second' } } as const;
    const { decision } = given(defined(CRM), datasetOf(CRM), second).when(remove);
    expect(decision).toMatchObject({ refusal: { code: 'SCHEMA_IN_USE', extra: { datasets: ['crm', 'second'] } } });
  });

  it('is refused when it is not there', () => {
    given().when(remove).thenRefused('SCHEMA_NOT_FOUND');
    given(defined(CRM), deleted).when(remove).thenRefused('SCHEMA_NOT_FOUND');
  });
});

describe('enabling a schema', () => {
  const loyalty = schemaOf('loyalty', {
    name: { type: 'string' },
    tags: { type: 'array', items: { type: 'integer' } },
  });

  it('needs a primary identity, from a descriptor or from the items', () => {
    const none = { ...CRM, identities: [{ path: 'email', namespace: 'Email', primary: false }] };
    given(defined(none)).when(enable('crm')).thenRefused('NO_PRIMARY_IDENTITY');
    given(defined(CRM)).when(enable('crm')).thenChanged(enabled(CRM));
    given(defined(loyalty)).when(enable('loyalty')).thenChanged(enabled(loyalty));
  });

  it('refuses two types at one path of the union, and names path, types and schemas', () => {
    const { decision } = given(defined(CRM), enabled(CRM), defined(loyalty)).when(enable('loyalty'));
    const conflicts = [
      { path: 'name', types: ['object', 'string'], schemas: ['crm', 'loyalty'] },
      { path: 'tags[*]', types: ['string', 'integer'], schemas: ['crm', 'loyalty'] },
    ];
    const errors = [
      { path: 'name', keyword: 'type', message: 'is object in the schema crm and string in loyalty' },
      { path: 'tags[*]', keyword: 'type', message: 'is string in the schema crm and integer in loyalty' },
    ];
    expect(decision).toMatchObject({ refusal: { code: 'UNION_CONFLICT', errors, extra: { conflicts } } });
  });

  it('does not care for schemas that are not enabled or of another class', () => {
    const purchases = { ...schemaOf('purchases', { name: { type: 'integer' } }), class: 'experienceevent' };
    given(defined(CRM), defined(purchases), enabled(purchases), defined(loyalty))
      .when(enable('loyalty'))
      .thenChanged(enabled(loyalty));
  });

  it('changes nothing the second time, and refuses a schema that is not there', () => {
    given(defined(CRM), enabled(CRM)).when(enable('crm')).thenUnchanged();
    given().when(enable('crm')).thenRefused('SCHEMA_NOT_FOUND');
  });
});
