export interface ErrorEntry {
  readonly status: number;
  readonly retryable: boolean;
  readonly title: string;
  /** What the client or the operator does about it. */
  readonly remedy: string;
}

const entry = (status: number, title: string, remedy: string, retryable = false): ErrorEntry => ({
  status,
  retryable,
  title,
  remedy,
});

/** Every code that an answer or an item result can carry. `docs/guide/errors.md` is generated from this table. */
export const ERROR_CATALOG = {
  // Requests
  MALFORMED_BODY: entry(400, 'The body cannot be read', 'Send valid UTF-8 JSON or NDJSON.'),
  INVALID_REQUEST: entry(400, 'The request is not valid', 'Correct the members named in `errors`.'),
  MALFORMED_REQUEST: entry(400, 'The request is not HTTP', 'Speak HTTP/1.1.'),
  HEADERS_TOO_LARGE: entry(431, 'URL and headers are over their limit', 'Send less than 32 KB of them.'),
  NOT_SUPPORTED: entry(422, 'This version does not do that', 'Leave out what `errors` names.'),
  UNAUTHORIZED: entry(401, 'The API key is missing or wrong', 'Send `authorization: Bearer <key>`.'),
  NOT_FOUND: entry(404, 'There is no such resource', 'See /openapi.json for the paths.'),
  METHOD_NOT_ALLOWED: entry(405, 'The resource does not take this method', 'See /openapi.json.'),
  BODY_TOO_LARGE: entry(413, 'The body is over its limit', 'Send less at a time, or NDJSON, which has no limit.'),
  UNSUPPORTED_MEDIA_TYPE: entry(
    415,
    'The media type is not taken here',
    'Send application/json or application/x-ndjson.',
  ),
  TOO_MANY_REQUESTS: entry(429, 'The log cannot keep up', 'Wait for `retry-after` seconds and send again.', true),
  // Catalog
  SANDBOX_NOT_FOUND: entry(404, 'There is no such sandbox', 'Create it with PUT /v1/sandboxes/{name}.'),
  CONFIRMATION_DIFFERS: entry(422, 'The confirmation does not fit', 'Send the name of the sandbox as `confirm`.'),
  NAMESPACE_NOT_FOUND: entry(404, 'There is no such namespace', 'Define it with PUT /v1/namespaces/{code}.'),
  NAMESPACE_DIFFERS: entry(409, 'The namespace is defined otherwise', 'Code, type and normalisation never change.'),
  FIELD_GROUP_NOT_FOUND: entry(404, 'There is no such field group', 'Define it with PUT /v1/field-groups/{id}.'),
  FIELD_GROUP_INVALID: entry(422, 'The field group is not valid', 'Correct what `errors` names.'),
  FIELD_GROUP_INCOMPATIBLE: entry(
    409,
    'The schemas that use the field group cannot follow it',
    'Only add what fits them, or define another field group.',
  ),
  FIELD_GROUP_IN_USE: entry(409, 'Schemas use the field group', 'Take it out of the schemas that `schemas` names.'),
  CLASS_NOT_FOUND: entry(404, 'No schema is of that class', 'Check the name; see GET /v1/unions.'),
  SCHEMA_NOT_FOUND: entry(404, 'There is no such schema', 'Define it with PUT /v1/schemas/{id}.'),
  SCHEMA_INVALID: entry(422, 'The schema is not valid', 'Correct what `errors` names.'),
  SCHEMA_INCOMPATIBLE: entry(409, 'A schema in use changes only by addition', 'Define a new schema.'),
  SCHEMA_IN_USE: entry(409, 'Datasets name the schema', 'Delete the datasets that `datasets` names first.'),
  SCHEMA_NOT_ENABLED: entry(409, 'The schema is not enabled for profile', 'Enable the schema first.'),
  NO_PRIMARY_IDENTITY: entry(
    422,
    'The schema has no primary identity',
    'Add a primary descriptor or "identityMap": true.',
  ),
  UNION_CONFLICT: entry(409, 'A path has two types in the union', 'Change the path or its type in one of the schemas.'),
  DATASET_NOT_FOUND: entry(404, 'There is no such dataset', 'Create it with PUT /v1/datasets/{id}.'),
  DATASET_DIFFERS: entry(409, 'The dataset exists with other settings', 'Use another id.'),
  ATTRIBUTE_NOT_FOUND: entry(
    404,
    'There is no such computed attribute',
    'Define it with PUT /v1/computed-attributes/{name}.',
  ),
  ATTRIBUTE_INVALID: entry(422, 'The computed attribute is not valid', 'Correct what `errors` names.'),
  EXPRESSION_INVALID: entry(
    422,
    'The expression cannot be read',
    'Correct it at `line` and `column`, where `expected` says what could stand.',
  ),
  ATTRIBUTE_DIFFERS: entry(
    409,
    'The computed attribute was published',
    'Only drafts are changed or deleted: use another name.',
  ),
  ATTRIBUTE_NAME_TAKEN: entry(409, 'The union of profiles has that name', 'Use another name.'),
  ATTRIBUTE_IS_DRAFT: entry(409, 'The computed attribute is a draft', 'Publish it first, or delete it.'),
  ATTRIBUTE_DISABLED: entry(409, 'The computed attribute is disabled', 'Define it under another name.'),
  TOO_MANY_ATTRIBUTES: entry(409, 'No more attributes can be published', 'Disable one of the 50 that are.'),
  MERGE_POLICY_IS_DEFAULT: entry(409, 'The merge policy is the default', 'Make another policy the default first.'),
  LINK_NOT_FOUND: entry(404, 'Nothing links these two identities', 'Look at GET …/identities for what is linked.'),
  LINK_NOT_BLOCKED: entry(409, 'The link is not blocked', 'Nothing needs to be done.'),
  TOO_MANY_BLOCKED_LINKS: entry(
    409,
    'No more links of the sandbox can be blocked',
    'Block the value that they have in common, or make its namespace unique: see PUT /v1/identity-settings.',
  ),
  CONCURRENT_CHANGE: entry(409, 'The catalog changed meanwhile', 'Read it again and repeat the change.', true),
  WRONG_CLASS: entry(
    422,
    'The dataset takes another kind of item',
    'Send records to record datasets, events to event datasets.',
  ),
  // Items
  MALFORMED_ITEM: entry(422, 'The item is not a JSON object', 'Send one JSON object per item.'),
  INVALID_UTF8: entry(422, 'The item is not valid UTF-8', 'Send UTF-8 without lone surrogates.'),
  ITEM_TOO_LARGE: entry(422, 'The item is over its limit', 'Records: 100 KB; events: 64 KB.'),
  ITEM_TOO_DEEP: entry(422, 'The item is nested too deeply', 'Nest at most 64 levels.'),
  NULL_NOT_ALLOWED: entry(422, 'null is not a value', 'Leave the key out, or use $unset.'),
  NUMBER_OUT_OF_RANGE: entry(
    422,
    'A number cannot be kept exactly',
    'Integers end at 2^53-1; send larger ones as strings.',
  ),
  SCHEMA_VIOLATION: entry(422, 'The item does not fit its schema', 'Correct the paths in `errors`.'),
  UNKNOWN_INSTRUCTION: entry(
    422,
    'A key that begins with $ is not known here',
    'See the contract for the instructions.',
  ),
  EVENT_IN_FUTURE: entry(422, 'The event is more than 24 hours ahead', 'Correct its timestamp.'),
  PRIMARY_IDENTITY_MISSING: entry(422, 'The item has no primary identity', 'Send the identity that owns the item.'),
  PRIMARY_IDENTITY_AMBIGUOUS: entry(422, 'Two identities claim to be primary', 'Mark one as primary.'),
  IDENTITY_BLOCKED: entry(422, 'The identity value is blocked', 'Placeholders such as "NA" never identify a person.'),
  IDENTITY_INVALID: entry(422, 'The identity value does not fit its namespace', 'Correct the value.'),
  TOO_MANY_IDENTITIES: entry(422, 'The item has more than 20 identities', 'Send fewer.'),
  REVISION_MISMATCH: entry(422, 'The fragment is at another revision', 'Read it again and decide anew.'),
  SOURCE_TIME_MISSING: entry(
    422,
    'A dataset ordered by source needs a source time',
    'Send extSourceSystemAudit.lastUpdatedDate.',
  ),
  IDEMPOTENCY_KEY_EXHAUSTED: entry(
    422,
    'One Idempotency-Key covers too many items',
    'Split the request, or give the items ids of their own.',
  ),
  NOT_ENABLED: entry(202, 'The dataset is not enabled for profile', 'The item is kept but does not show.'),
  ID_REUSED: entry(202, 'The id was used for other content', 'The first content stays; use a new id.'),
  DUPLICATE: entry(202, 'The item is already there', 'Nothing needs to be done.'),
  // Batches
  BATCH_NOT_FOUND: entry(404, 'There is no such batch', 'List them with GET /v1/batches.'),
  BATCH_NOT_ABORTABLE: entry(
    409,
    'The batch can no longer be aborted',
    'Only a batch that appends nothing yet ends so.',
  ),
  BATCH_NOT_REVERTIBLE: entry(
    409,
    'The batch cannot be reverted',
    'Only a successful batch of events can: records overwrite.',
  ),
  TOO_MANY_UPLOADS: entry(
    429,
    'So many files at once are not taken',
    'Wait for `retry-after` seconds and send again, or raise TESSERA_BATCH_UPLOADS.',
    true,
  ),
  SPOOL_FULL: entry(
    429,
    'There is no room for the file among those that wait',
    'Send again when batches have ended, or raise TESSERA_BATCH_SPOOL_MB.',
    true,
  ),
  SPOOL_UNAVAILABLE: entry(
    507,
    'The file cannot be kept',
    'Free disk space in the data folder, then send again.',
    true,
  ),
  SPOOL_LOST: entry(422, 'The file of the batch is gone', 'Send the file again.'),
  FILE_TOO_LARGE: entry(413, 'The file is over its limit', 'Split or compress it, or raise TESSERA_BATCH_FILE_MB.'),
  EXPANDED_TOO_LARGE: entry(
    422,
    'The file expands to more than its limit',
    'Split it, or raise TESSERA_BATCH_EXPANDED_MB.',
  ),
  FILE_EMPTY: entry(422, 'The file has no rows', 'Send a file with at least one row.'),
  FILE_MALFORMED: entry(422, 'The file cannot be read', 'Correct the place that the message names.'),
  FILE_TRUNCATED: entry(422, 'The file is cut off', 'Send all of it.'),
  FILE_NOT_UTF8: entry(422, 'The file is not UTF-8', 'Save it as UTF-8.'),
  FORMAT_MISMATCH: entry(422, 'The file is not of the format that was named', 'Say ?format= as it is.'),
  COLUMNS_INVALID: entry(
    422,
    'The columns do not fit the schema',
    'Name every column after a path of the schema, each once.',
  ),
  MALFORMED_ROW: entry(422, 'The row cannot be read', 'Correct the row; the message says what is wrong with it.'),
  TOO_MANY_BAD_ROWS: entry(
    422,
    'Too many rows are bad: nothing was loaded',
    'See GET /v1/batches/{id}/rejected; correct the rows, or raise partialIngestionPercentage.',
  ),
  // Queries
  PROFILE_NOT_FOUND: entry(404, 'There is no such profile', 'Check namespace and value.'),
  FRAGMENT_NOT_FOUND: entry(404, 'There is no such fragment', 'Check dataset, namespace and value.'),
  MERGE_POLICY_NOT_FOUND: entry(404, 'There is no such merge policy', 'List them with GET /v1/merge-policies.'),
  NO_MERGE_POLICY: entry(422, 'No policy was given and there is no default', 'Name one, or make one the default.'),
  PROFILE_CHANGING: entry(
    503,
    'The profile changes faster than it can be put together',
    'Ask again in a moment.',
    true,
  ),
  INVALID_CURSOR: entry(400, 'The cursor is not one of ours', 'Start again without it.'),
  NOT_YET_VISIBLE: entry(503, 'The view has not reached that write', 'Ask again in a moment.', true),
  // Operations
  JOB_NOT_FOUND: entry(404, 'There is no such job', 'See the answer that started it.'),
  PROJECTION_NOT_FOUND: entry(404, 'There is no such projection', 'List them with GET /v1/projections.'),
  JOB_RUNNING: entry(409, 'Such a job is already running', 'Wait for it to end.', true),
  PROJECTION_FAILED: entry(503, 'The projection has stopped', 'Read the log of the service and GET /v1/projections.'),
  NOT_READY: entry(503, 'The service is starting', 'Ask again in a moment.', true),
  // Engines
  LOG_UNAVAILABLE: entry(503, 'The event log is away', 'Nothing unacknowledged may be assumed written or lost.', true),
  LOG_OUTCOME_UNKNOWN: entry(503, 'It is not known whether the write happened', 'Send again with the same ids.', true),
  LOG_FULL: entry(507, 'The event log has no room left', 'Free disk space; what was acknowledged is safe.', true),
  LOG_READ_ONLY: entry(503, 'The event log cannot be written', 'Check the permissions of the data folder.'),
  EVENT_TOO_LARGE: entry(413, 'The event is over the limit of the log', 'Send a smaller item.'),
  STORE_UNAVAILABLE: entry(503, 'The read store is away', 'Ask again in a moment.', true),
  STORE_FULL: entry(507, 'The read store has no room left', 'Free disk space; it can be rebuilt.', true),
  DOCUMENT_TOO_LARGE: entry(
    500,
    'A document is over the limit of the read store',
    'The message names it; a store without that limit takes it.',
  ),
  LAYOUT_DIFFERS: entry(500, 'A layout changed under the same version', 'Raise the version of the projection.'),
  FENCED: entry(503, 'Another projector has taken over', 'This process must stop writing.'),
  INVALID_CONFIGURATION: entry(
    503,
    'A setting of the service is wrong',
    'Correct the settings that the message names.',
  ),
  ADDRESS_UNAVAILABLE: entry(503, 'The address cannot be listened on', 'Free the port, or choose another one.'),
  DATA_FOLDER_LOCKED: entry(503, 'Another process serves this data folder', 'Stop it, or name another folder.'),
  DATA_FOLDER_UNUSABLE: entry(503, 'The data folder cannot be used', 'Check that it can be written.'),
  NAMING_SECRET_DIFFERS: entry(
    503,
    'The naming secret is not that of this log',
    'Restore the secret that belongs to the log.',
  ),
  INTERNAL: entry(500, 'Something went wrong inside', 'Report it with the request id.'),
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERROR_CATALOG;
