import {
  identityRef,
  LruMap,
  type Identity,
  type IdentityRef,
  type JsonObject,
  type NamingSecret,
  type SandboxId,
} from '#core';
import {
  ATTRIBUTES_UPSERTED,
  decodeIngestedItem,
  decodeLifecycle,
  decodeUpsert,
  EXPERIENCE_EVENT_INGESTED,
  RECORD_INGESTED,
  type IngestedItem,
  type IngestMetadata,
  type ItemMetadata,
  type LifecycleEvent,
  type LifecycleMetadata,
  type Patch,
} from '#profile';
import type { ClientIdHash, RecordedEvent } from '#projection';

import { itemKey } from '../documents.js';

export interface KnownIdentity extends Identity {
  readonly ref: IdentityRef;
}

/** An event of a fragment stream, ready to fold. */
export type FragmentChange = ItemIngested | FragmentLifecycle;

/** An item of a fragment. */
export type ItemIngested = RecordIngested | UpsertIngested | EventIngested;

interface Ingested {
  readonly metadata: IngestMetadata & ItemMetadata;
  readonly owner: KnownIdentity;
  readonly others: readonly KnownIdentity[];
  /** Event time, or the record's update time: when its identities were associated. Epoch milliseconds. */
  readonly at: number;
}

export interface RecordIngested extends Ingested, MaybeIdentified {
  readonly kind: 'record';
  readonly ingested: IngestedItem;
}

export interface UpsertIngested extends Ingested, MaybeIdentified {
  readonly kind: 'upsert';
  readonly patch: Patch;
}

/** Only items with an id are known as repeats. */
interface MaybeIdentified {
  readonly clientId: ClientIdHash | undefined;
  /** Key of the document that makes repeats of the item harmless. */
  readonly itemKey: string | undefined;
}

export interface EventIngested extends Ingested {
  readonly kind: 'event';
  readonly ingested: IngestedItem;
  /** As of records; every event has one. */
  readonly itemKey: string;
}

/** Something that happens to the fragment as a whole. */
export interface FragmentLifecycle {
  readonly kind: 'lifecycle';
  readonly metadata: LifecycleMetadata;
  readonly owner: KnownIdentity;
  readonly event: LifecycleEvent;
}

/** Hashing is the dearest step of decoding; owners come again and again. */
const REMEMBERED_REFS = 50_000;

/** Decodes events of fragment streams. Throws on what no ingest wrote: such an event is poison. */
export function fragmentChangeDecoder(secret: NamingSecret): (event: RecordedEvent) => FragmentChange {
  const refs = new LruMap<string, IdentityRef>(REMEMBERED_REFS);
  const known = (sandbox: SandboxId, identity: Identity): KnownIdentity => {
    const key = `${sandbox}:${identity.namespace}:${identity.id}`;
    let ref = refs.get(key);
    if (ref === undefined) {
      ref = identityRef(secret, sandbox, identity);
      refs.set(key, ref);
    }
    return { namespace: identity.namespace, id: identity.id, ref };
  };
  return (event) => {
    const { type, data, clientId } = event;
    const lifecycle = decodeLifecycle(type, data);
    if (lifecycle !== undefined) {
      const metadata = metadataOf(event) as unknown as LifecycleMetadata;
      return { kind: 'lifecycle', metadata, owner: known(metadata.sandbox, lifecycle.owner), event: lifecycle.event };
    }
    const metadata = itemMetadataOf(event);
    const { sandbox } = metadata;
    const decoded = type === ATTRIBUTES_UPSERTED ? decodeUpsert(data) : decodeIngestedItem(data);
    const owner = known(sandbox, decoded.owner);
    const others = decoded.others.length === 0 ? NONE : decoded.others.map((identity) => known(sandbox, identity));
    const key = clientId === undefined ? undefined : itemKey(owner.ref, clientId.idHash);
    if (type === EXPERIENCE_EVENT_INGESTED && 'item' in decoded) {
      if (key === undefined) throw new TypeError('an experience event has no client id');
      return { kind: 'event', metadata, owner, others, ingested: decoded, itemKey: key, at: eventTime(decoded) };
    }
    const at = metadata.sourceTime ?? metadata.ingestedAt;
    if ('patch' in decoded) {
      return { kind: 'upsert', metadata, owner, others, patch: decoded.patch, clientId, itemKey: key, at };
    }
    if (type !== RECORD_INGESTED) throw new TypeError(`${type} is not an event of a fragment that this version knows`);
    return { kind: 'record', metadata, owner, others, ingested: decoded, clientId, itemKey: key, at };
  };
}

const NONE: readonly KnownIdentity[] = [];

function itemMetadataOf(event: RecordedEvent): Ingested['metadata'] {
  const metadata = metadataOf(event);
  if (typeof metadata['shown'] !== 'boolean') throw new TypeError('the metadata of an item does not say if it shows');
  return metadata as unknown as Ingested['metadata'];
}

function metadataOf({ metadata }: RecordedEvent): JsonObject {
  const { sandbox, dataset, ingestedAt } = metadata;
  if (typeof sandbox !== 'string' || typeof dataset !== 'string' || typeof ingestedAt !== 'number') {
    throw new TypeError('the metadata of a fragment event is incomplete');
  }
  return metadata;
}

function eventTime({ item }: IngestedItem): number {
  const { timestamp } = item;
  const at = typeof timestamp === 'string' ? Date.parse(timestamp) : Number.NaN;
  if (Number.isNaN(at)) throw new TypeError('the event has no timestamp');
  return at;
}
