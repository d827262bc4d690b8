import { isJsonArray, isJsonObject, type Identity, type JsonObject, type JsonValue, type SandboxId } from '#core';

import type { Append, KeyPath, Patch } from './patch.js';

/** Events of fragment streams. Never a class name: these strings are in logs for ever. */
export const RECORD_INGESTED = 'RecordIngested';
export const ATTRIBUTES_UPSERTED = 'AttributesUpserted';
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
  /** `source`: an item that is not newer than the fragment is without effect. Left out: the order of arrival decides. */
  readonly ordering?: 'source';
  /** Id of the batch file with which the items came. */
  readonly batch?: string;
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
  return `${encodeNames(owner, others)}${ITEM_MEMBER}${itemText}}`;
}

/** The reverse of `encodeIngestedItem`. Throws a `TypeError` that says what is wrong. */
export function decodeIngestedItem(data: string): IngestedItem {
  const { owner, identities, item } = parseData(data);
  if (!isJsonObject(item)) throw new TypeError('the data of a fragment event has no item');
  // Quotes inside strings are escaped and no earlier member is called "item", so this is the member itself.
  const start = data.indexOf(ITEM_MEMBER) + ITEM_MEMBER.length;
  return {
    owner: decodeIdentity(owner),
    others: decodeIdentities(identities),
    item,
    text: data.slice(start, data.lastIndexOf('}')),
  };
}

/** What the data of `AttributesUpserted` says. */
export interface UpsertedAttributes {
  readonly owner: Identity;
  /** As in `IngestedItem`. */
  readonly others: readonly Identity[];
  readonly patch: Patch;
}

/** `{"owner":…,"identities":…,"append":[[[key…],[item…]]…],"unset":[[key…]…],"patch":{…}}`; what is empty is left out. */
export function encodeUpsert(owner: Identity, others: readonly Identity[], patch: Patch): string {
  const append =
    patch.append.length === 0
      ? ''
      : `"append":${JSON.stringify(patch.append.map(({ path, items }) => [path, items]))},`;
  const unset = patch.unset.length === 0 ? '' : `"unset":${JSON.stringify(patch.unset)},`;
  return `${encodeNames(owner, others)}${append}${unset}"patch":${JSON.stringify(patch.data)}}`;
}

/** The reverse of `encodeUpsert`. Throws a `TypeError` that says what is wrong. */
export function decodeUpsert(data: string): UpsertedAttributes {
  const { owner, identities, append = [], unset = [], patch } = parseData(data);
  if (!isJsonObject(patch)) throw new TypeError('the data of an upsert has no patch');
  if (!isJsonArray(append) || !isJsonArray(unset))
    throw new TypeError('the data of an upsert has malformed instructions');
  return {
    owner: decodeIdentity(owner),
    others: decodeIdentities(identities),
    patch: { data: patch, append: append.map(decodeAppend), unset: unset.map(decodeKeys) },
  };
}

function decodeAppend(pair: JsonValue): Append {
  const [path, items] = isJsonArray(pair) ? pair : [];
  if (!isJsonArray(items)) throw new TypeError('the data of an upsert has a malformed append');
  return { path: decodeKeys(path), items };
}

function decodeKeys(keys: JsonValue | undefined): KeyPath {
  if (!isJsonArray(keys) || !keys.every((key) => typeof key === 'string')) {
    throw new TypeError('the data of an upsert has a malformed path');
  }
  return keys;
}

/** The members that every fragment event begins with. */
function encodeNames(owner: Identity, others: readonly Identity[]): string {
  const identities =
    others.length === 0 ? '' : `"identities":${JSON.stringify(others.map(({ namespace, id }) => [namespace, id]))},`;
  return `{"owner":[${JSON.stringify(owner.namespace)},${JSON.stringify(owner.id)}],${identities}`;
}

function parseData(data: string): JsonObject {
  const parsed = JSON.parse(data) as unknown;
  if (!isJsonObject(parsed)) throw new TypeError('the data of a fragment event is not an object');
  return parsed;
}

function decodeIdentities(identities: unknown): readonly Identity[] {
  return Array.isArray(identities) ? identities.map(decodeIdentity) : [];
}

/** Throws a `TypeError` for what is no `[namespace, id]`. */
export function decodeIdentity(pair: unknown): Identity {
  if (!Array.isArray(pair) || typeof pair[0] !== 'string' || typeof pair[1] !== 'string') {
    throw new TypeError('the data of a fragment event has a malformed identity');
  }
  return { namespace: pair[0], id: pair[1] };
}
