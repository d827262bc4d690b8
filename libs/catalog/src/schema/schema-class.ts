import type { JsonObject } from '#core';

import { BUILT_IN_CLASSES, type SchemaClass } from './schema.js';

/** Lower case only, so that `Profile` is found to be a slip and does not become a class of its own. */
const CLASS_NAME = /^[a-z][a-z0-9-]{0,63}$/;

const text = { type: 'string' };
const time = { type: 'string', format: 'date-time' };
const object = (properties: JsonObject, required: readonly string[] = []): JsonObject => ({
  type: 'object',
  properties,
  ...(required.length > 0 && { required }),
});
const mapOf = (values: JsonObject): JsonObject => ({ type: 'object', additionalProperties: values });

/** Namespace code -> identities. */
const identityMap = mapOf({
  type: 'array',
  items: object(
    {
      id: text,
      primary: { type: 'boolean' },
      authenticatedState: { type: 'string', enum: ['ambiguous', 'authenticated', 'loggedOut'] },
    },
    ['id'],
  ),
});

/** Where an account and the like come from; `sourceKey` is `sourceID@sourceInstanceID.sourceType`, their identity. */
const sourceKey = object({ sourceType: text, sourceInstanceID: text, sourceID: text, sourceKey: text });

/** When and by whom the record was last changed where it comes from. */
const extSourceSystemAudit = object({
  createdBy: text,
  createdDate: time,
  lastUpdatedBy: text,
  lastUpdatedDate: time,
  lastActivityDate: time,
  lastReferencedDate: time,
  lastViewedDate: time,
  externalID: text,
  externalKey: sourceKey,
});

/** Namespace of the segment -> segment id -> since when and how. */
const segmentMembership = mapOf(
  mapOf(
    object(
      {
        status: { type: 'string', enum: ['realized', 'existing', 'exited'] },
        lastQualificationTime: time,
        validUntil: time,
        version: text,
        payload: { type: 'object' },
      },
      ['lastQualificationTime'],
    ),
  ),
);

const businessRecord = (...keys: readonly string[]): JsonObject =>
  object({
    ...Object.fromEntries(keys.map((key) => [key, sourceKey])),
    extSourceSystemAudit,
    isDeleted: { type: 'boolean' },
  });

const CLASS_SCHEMAS: ReadonlyMap<SchemaClass, JsonObject> = new Map<(typeof BUILT_IN_CLASSES)[number], JsonObject>([
  ['profile', object({ identityMap, extSourceSystemAudit, segmentMembership })],
  [
    'experienceevent',
    object({ _id: { type: 'string', minLength: 1 }, timestamp: time, eventType: text, identityMap }, [
      '_id',
      'timestamp',
    ]),
  ],
  ['account', businessRecord('accountKey', 'accountParentKey')],
  ['opportunity', businessRecord('opportunityKey', 'accountKey')],
  ['account-person', businessRecord('accountPersonKey', 'accountKey', 'personKey')],
  ['opportunity-person', businessRecord('opportunityPersonKey', 'opportunityKey', 'personKey')],
]);
const CUSTOM_RECORD = object({ extSourceSystemAudit });

/**
 * What items of a class may (or must) have without their schema saying so. Schemas in use are read by it again, so it
 * can be extended only by what no schema can have declared otherwise.
 */
export function classSchemaOf(schemaClass: SchemaClass): JsonObject {
  return CLASS_SCHEMAS.get(schemaClass) ?? CUSTOM_RECORD;
}

/** Why a name cannot be that of a class; `undefined` when it can. */
export function classFault(name: string): string | undefined {
  if (CLASS_SCHEMAS.has(name)) return undefined;
  const letters = lettersOf(name);
  const meant = BUILT_IN_CLASSES.find((known) => lettersOf(known) === letters);
  if (meant !== undefined) return `is not a class: say ${meant}`;
  if (CLASS_NAME.test(name)) return undefined;
  const own = 'the name of a record class of your own: 1 to 64 of a-z 0-9 - beginning with a letter';
  return `must be one of ${BUILT_IN_CLASSES.join(', ')}, or ${own}`;
}

function lettersOf(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z]/g, '');
}
