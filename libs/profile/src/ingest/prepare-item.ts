import {
  getOwn,
  inspectJson,
  isJsonObject,
  parseRfc3339,
  type FieldError,
  type Identity,
  type JsonObject,
  type JsonValue,
  type NamingSecret,
  type SandboxId,
} from '#core';
import { identitiesOf, type IdentityRules } from '#identity';

import { clientIdHash, contentHash } from '../client-id.js';
import {
  ATTRIBUTES_UPSERTED,
  encodeIngestedItem,
  encodeUpsert,
  EXPERIENCE_EVENT_INGESTED,
  RECORD_INGESTED,
} from '../fragment.events.js';
import type { Patch } from '../patch.js';
import type { FragmentNames } from './fragment-names.js';
import type { IdempotencyScope } from './idempotency-scope.js';
import { CLIENT_ID_RULE, isClientId, splitInstructions, type Instructions, type ItemKind } from './instructions.js';
import type { PatchSchema } from './patch-instructions.js';
import { preparePatch } from './prepare-patch.js';
import {
  rejected,
  rejectedAt,
  type AcceptedItem,
  type ClientFingerprints,
  type ItemWarning,
  type PreparedItem,
  type RejectedItem,
} from './prepared-item.js';

/** What all items of a request have in common; made once per request. */
export interface IngestContext {
  readonly kind: ItemKind;
  readonly sandbox: SandboxId;
  readonly dataset: string;
  /** The first five errors of an item under the dataset's schema; none when it fits. */
  readonly validate: (item: JsonObject) => readonly FieldError[];
  /** What the dataset's schema says of patches; upserts need it. */
  readonly patches?: PatchSchema;
  /** `source`: an item must carry its source time. */
  readonly ordering?: 'source';
  readonly identities: IdentityRules;
  /** On every item: the dataset is not enabled, say. */
  readonly warnings: readonly ItemWarning[];
  readonly names: FragmentNames;
  readonly secret: NamingSecret;
  /** For records and upserts without an id of their own. */
  readonly idempotency: Pick<IdempotencyScope, 'nextId'> | undefined;
}

/** Clocks of senders are wrong by hours, hardly ever by days. */
const MAX_AHEAD_MILLISECONDS = 24 * 60 * 60 * 1_000;

const TIME_RULE = 'must be an RFC 3339 date-time of a day that exists';

/**
 * Decides about one item from its JSON text: what will be appended, or the code and the places of what is wrong with it.
 * Throws nothing, whatever the text. `now`: epoch milliseconds.
 */
export function prepareItem(context: IngestContext, text: string, now: number): PreparedItem {
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch (error) {
    return rejectedAt('MALFORMED_ITEM', '', `is not valid JSON: ${(error as SyntaxError).message}`);
  }
  if (!isJsonObject(value)) return rejectedAt('MALFORMED_ITEM', '', 'must be a JSON object');
  const inspection = inspectJson(value);
  if (inspection !== undefined) return rejected(inspection.code, inspection.errors);
  const split = splitInstructions(value, context.kind);
  if (split.outcome === 'rejected') return split;
  const { item, instructions } = split;
  if (context.kind === 'upsert') return prepareUpsert(context, item, instructions);
  const errors = context.validate(item);
  if (errors.length > 0) return rejected('SCHEMA_VIOLATION', errors);
  const facts = context.kind === 'event' ? eventFacts(item, now) : recordFacts(context, item, instructions);
  if (facts.outcome === 'rejected') return facts;
  // Storing the text as it came saves more than a tenth of the whole way; what was taken out must go, of course.
  const kept = instructions === undefined ? text : JSON.stringify(item);
  const type = context.kind === 'event' ? EXPERIENCE_EVENT_INGESTED : RECORD_INGESTED;
  return accept(context, facts, { type, named: item, content: item, text: kept });
}

function prepareUpsert(context: IngestContext, item: JsonObject, instructions: Instructions = {}): PreparedItem {
  if (context.patches === undefined) throw new TypeError('upserts need the rules of patches');
  const prepared = preparePatch(context.patches, context.identities, item, instructions);
  if (prepared.outcome === 'rejected') return prepared;
  const { patch, named } = prepared;
  const facts = recordFacts(context, item, instructions);
  if (facts.outcome === 'rejected') return facts;
  const content = {
    append: patch.append.map(({ path, items }) => [path, items]),
    unset: patch.unset,
    patch: patch.data,
  };
  return accept(context, facts, { type: ATTRIBUTES_UPSERTED, named, content, text: JSON.stringify(item), patch });
}

/** What the rules of events and of records find out about an item. */
interface ItemFacts {
  readonly outcome: 'sound';
  readonly id: string | undefined;
  readonly sourceTime: number | undefined;
  readonly expected: AcceptedItem['expected'];
}

function eventFacts(item: JsonObject, now: number): ItemFacts | RejectedItem {
  const id = getOwn(item, '_id');
  if (!isClientId(id)) return rejectedAt('SCHEMA_VIOLATION', '_id', CLIENT_ID_RULE);
  const at = timeAt(item, 'timestamp');
  if (at === undefined) return rejectedAt('SCHEMA_VIOLATION', 'timestamp', TIME_RULE);
  if (at > now + MAX_AHEAD_MILLISECONDS)
    return rejectedAt('EVENT_IN_FUTURE', 'timestamp', 'is more than 24 hours ahead');
  return { outcome: 'sound', id, sourceTime: undefined, expected: 'any' };
}

const SOURCE_AUDIT = 'extSourceSystemAudit';
const SOURCE_TIME = 'lastUpdatedDate';
const SOURCE_TIME_PATH = `${SOURCE_AUDIT}.${SOURCE_TIME}`;

function recordFacts(
  { ordering }: IngestContext,
  item: JsonObject,
  { messageId, ifRevision }: Instructions = {},
): ItemFacts | RejectedItem {
  const audit = getOwn(item, SOURCE_AUDIT);
  const carriesTime = isJsonObject(audit) && Object.hasOwn(audit, SOURCE_TIME);
  const sourceTime = carriesTime ? timeAt(audit, SOURCE_TIME) : undefined;
  if (carriesTime && sourceTime === undefined) return rejectedAt('SCHEMA_VIOLATION', SOURCE_TIME_PATH, TIME_RULE);
  if (ordering === 'source' && sourceTime === undefined) {
    return rejectedAt(
      'SOURCE_TIME_MISSING',
      SOURCE_TIME_PATH,
      'must give the source time: the dataset is ordered by it',
    );
  }
  const expected = ifRevision === undefined ? 'any' : ifRevision === -1 ? 'none' : ifRevision;
  return { outcome: 'sound', id: messageId, sourceTime, expected };
}

function timeAt(object: JsonObject, key: string): number | undefined {
  const value = getOwn(object, key);
  return typeof value === 'string' ? parseRfc3339(value) : undefined;
}

/** What of an item is kept, and what it is known by. */
interface ItemContent {
  readonly type: string;
  /** The data in which its identities stand. */
  readonly named: JsonObject;
  /** What makes a repeat the same. */
  readonly content: JsonValue;
  readonly text: string;
  readonly patch?: Patch;
}

function accept(
  context: IngestContext,
  facts: ItemFacts,
  { type, named, content, text, patch }: ItemContent,
): PreparedItem {
  const found = identitiesOf(context.identities, named);
  if (found.outcome === 'refused') return rejected(found.code, found.errors);
  const { owner, others, warning } = found;
  const clientId = fingerprints(context, owner, content, facts.id);
  if (clientId === 'exhausted') {
    return rejectedAt('IDEMPOTENCY_KEY_EXHAUSTED', '', 'is one item without an id too many for one Idempotency-Key');
  }
  const { stream, ref } = context.names.of(context.sandbox, context.dataset, owner);
  return {
    outcome: 'accepted',
    stream,
    eventType: type,
    owner,
    ownerRef: ref,
    text,
    data: patch === undefined ? encodeIngestedItem(owner, others, text) : encodeUpsert(owner, others, patch),
    metadata: facts.sourceTime === undefined ? undefined : { sourceTime: facts.sourceTime },
    clientId,
    expected: facts.expected,
    warnings: warning === undefined ? context.warnings : [...context.warnings, warning],
  };
}

function fingerprints(
  { secret, sandbox, dataset, idempotency }: IngestContext,
  owner: Identity,
  item: JsonValue,
  givenId: string | undefined,
): ClientFingerprints | 'exhausted' | undefined {
  if (givenId === undefined && idempotency === undefined) return undefined;
  const content = contentHash(secret, item);
  const id = givenId ?? idempotency?.nextId(content);
  if (id === undefined) return 'exhausted';
  return { idHash: clientIdHash(secret, sandbox, dataset, owner, id), contentHash: content };
}
