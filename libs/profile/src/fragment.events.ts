import { isJsonObject, type Identity, type JsonObject, type SandboxId } from '#core';

/** Events of fragment streams. Never a class name: these strings are in logs for ever. */
export const RECORD_INGESTED = 'RecordIngested';
export const EXPERIENCE_EVENT_INGESTED = 'ExperienceEventIngested';

/** Metadata that all items of one append share. Nothing personal. */
export interface IngestMetadata {
  readonly sandbox: SandboxId;
  readonly dataset: string;
  /** Schema and dataset were both enabled for profile when the item came in. */
  readonly shown: boolean;
  readonly schemaVersion: number;
  readonly settingsVersion: number;
  /** Epoch milliseconds. */
  readonly ingestedAt: number;
  readonly requestId: string;
  /** Version of the event's data. */
  readonly v: 1;
}

/** Metadata that only one item has. */
export interface ItemMetadata {
  /** `extSourceSystemAudit.lastUpdatedDate`, epoch milliseconds. */
  readonly sourceTime?: number;
}

/** What a fragment stream's data says: whose it is, who else it names, and the item. */
export interface IngestedItem {
  readonly owner: Identity;
  /** The other identities of the item, in the order in which they were found; the owner is not among them. */
  readonly others: readonly Identity[];
  readonly item: JsonObject;
  /** The item's JSON text as it came. */
  readonly text: string;
}

const ITEM_MEMBER = '"item":';

/**
 * `{"owner":[namespace,id],"identities":[[namespace,id]…],"item":{…}}`. The item's text is put in verbatim and last, so
 * that it is neither stringified on the way in nor on the way to the timeline.
 */
export function encodeIngestedItem(owner: Identity, others: readonly Identity[], itemText: string): string {
  const identities =
    others.length === 0 ? '' : `"identities":${JSON.stringify(others.map(({ namespace, id }) => [namespace, id]))},`;
  return `{"owner":[${JSON.stringify(owner.namespace)},${JSON.stringify(owner.id)}],${identities}${ITEM_MEMBER}${itemText}}`;
}

/** The reverse of `encodeIngestedItem`. Throws a `TypeError` that says what is wrong. */
export function decodeIngestedItem(data: string): IngestedItem {
  const parsed = JSON.parse(data) as unknown;
  if (!isJsonObject(parsed)) throw new TypeError('the data of a fragment event is not an object');
  const { owner, identities, item } = parsed;
  if (!isJsonObject(item)) throw new TypeError('the data of a fragment event has no item');
  // Quotes inside strings are escaped and no earlier member is called "item", so this is the member itself.
  const start = data.indexOf(ITEM_MEMBER) + ITEM_MEMBER.length;
  return {
    owner: decodeIdentity(owner),
    others: Array.isArray(identities) ? identities.map(decodeIdentity) : [],
    item,
    text: data.slice(start, data.lastIndexOf('}')),
  };
}

function decodeIdentity(pair: unknown): Identity {
  if (!Array.isArray(pair) || typeof pair[0] !== 'string' || typeof pair[1] !== 'string') {
    throw new TypeError('the data of a fragment event has a malformed identity');
  }
  return { namespace: pair[0], id: pair[1] };
}
