import type {
  DatasetCreated,
  DefineFieldGroup,
  DefineSchema,
  FieldGroupDefined,
  SchemaDefined,
  SchemaEnabledForProfile,
} from '#catalog';
import type { JsonObject } from '#core';

export const CRM_SCHEMA = {
  properties: {
    crmId: { type: 'string' },
    email: { type: 'string', format: 'email' },
    name: { type: 'object', properties: { first: { type: 'string' }, last: { type: 'string' } } },
    tags: { type: 'array', items: { type: 'string' } },
  },
  required: ['crmId'],
} as const;

/** The schema of the contract's example, with Email in the place of a namespace that would have to be defined. */
export const CRM: DefineSchema = {
  id: 'crm',
  title: 'CRM customers',
  class: 'profile',
  schema: CRM_SCHEMA,
  identities: [{ path: 'email', namespace: 'Email', primary: true }],
  identityMap: false,
};

/** A schema like CRM with other properties, owned through its identityMap. */
export function schemaOf(id: string, properties: JsonObject, more: JsonObject = {}): DefineSchema {
  return { ...CRM, id, schema: { properties, ...more }, identities: [], identityMap: true };
}

/** A schema of a class whose items nobody owns. */
export function ofThings(schemaClass: string): DefineSchema {
  const identities = [{ path: 'extSourceSystemAudit.externalID', namespace: 'b2b_account', primary: true }];
  return { ...schemaOf(schemaClass, {}), class: schemaClass, identities, identityMap: false };
}

/** What `CONTACT` declares is in no other schema here. */
export const CONTACT: DefineFieldGroup = {
  id: 'contact',
  properties: { phone: { type: 'string' }, address: { type: 'object', properties: { city: { type: 'string' } } } },
};

export function groupDefined({ id, title = id, properties }: DefineFieldGroup, version = 1): FieldGroupDefined {
  return { type: 'FieldGroupDefined', data: { id, version, title, properties } };
}

export function defined(schema: DefineSchema, version = 1): SchemaDefined {
  return { type: 'SchemaDefined', data: { version, fieldGroups: [], ...schema } };
}

export function enabled(schema: DefineSchema): SchemaEnabledForProfile {
  return { type: 'SchemaEnabledForProfile', data: { id: schema.id } };
}

export function datasetOf(schema: DefineSchema): DatasetCreated {
  return { type: 'DatasetCreated', data: { id: schema.id, schema: schema.id, upsert: false, ordering: 'arrival' } };
}
