import type { JsonObject } from '#core';

import type { SchemaClass } from './schema.js';

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
  externalKey: object({ sourceType: text, sourceInstanceID: text, sourceID: text, sourceKey: text }),
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

/** What items of a class may (or must) have without their schema saying so. */
export const CLASS_SCHEMAS: Readonly<Record<SchemaClass, JsonObject>> = {
  profile: object({ identityMap, extSourceSystemAudit, segmentMembership }),
  experienceevent: object({ _id: { type: 'string', minLength: 1 }, timestamp: time, eventType: text, identityMap }, [
    '_id',
    'timestamp',
  ]),
};
