import { identityRef, LruMap, type Identity, type IdentityRef, type NamingSecret, type SandboxId } from '#core';
import {
  decodeIngestedItem,
  EXPERIENCE_EVENT_INGESTED,
  RECORD_INGESTED,
  type IngestedItem,
  type IngestMetadata,
  type ItemMetadata,
} from '#profile';
import type { ClientIdHash, RecordedEvent } from '#projection';

import { itemKey } from '../documents.js';

export interface KnownIdentity extends Identity {
  readonly ref: IdentityRef;
}

/** An item of a fragment, ready to fold. */
export interface FragmentChange {
  readonly kind: 'record' | 'event';
  readonly metadata: IngestMetadata & ItemMetadata;
  readonly owner: KnownIdentity;
  readonly others: readonly KnownIdentity[];
  readonly ingested: IngestedItem;
  readonly clientId: ClientIdHash | undefined;
  /** Key of the document that makes repeats of the item harmless; every event has one. */
  readonly itemKey: string | undefined;
  /** Event time, or the record's update time: when its identities were associated. Epoch milliseconds. */
  readonly at: number;
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
    const kind = kindOf(event);
    const metadata = metadataOf(event);
    const ingested = decodeIngestedItem(event.data);
    const { sandbox } = metadata;
    const { clientId } = event;
    if (kind === 'event' && clientId === undefined) throw new TypeError('an experience event has no client id');
    const owner = known(sandbox, ingested.owner);
    return {
      kind,
      metadata,
      owner,
      others: ingested.others.length === 0 ? NONE : ingested.others.map((identity) => known(sandbox, identity)),
      ingested,
      clientId,
      itemKey: clientId === undefined ? undefined : itemKey(owner.ref, clientId.idHash),
      at: kind === 'event' ? eventTime(ingested) : (metadata.sourceTime ?? metadata.ingestedAt),
    };
  };
}

const NONE: readonly KnownIdentity[] = [];

function kindOf({ type }: RecordedEvent): FragmentChange['kind'] {
  if (type === EXPERIENCE_EVENT_INGESTED) return 'event';
  if (type === RECORD_INGESTED) return 'record';
  throw new TypeError(`${type} is not an event of a fragment that this version knows`);
}

function metadataOf({ metadata }: RecordedEvent): FragmentChange['metadata'] {
  const { sandbox, dataset, shown, ingestedAt } = metadata;
  if (
    typeof sandbox !== 'string' ||
    typeof dataset !== 'string' ||
    typeof shown !== 'boolean' ||
    typeof ingestedAt !== 'number'
  ) {
    throw new TypeError('the metadata of a fragment event is incomplete');
  }
  return metadata as unknown as FragmentChange['metadata'];
}

function eventTime({ item }: IngestedItem): number {
  const { timestamp } = item;
  const at = typeof timestamp === 'string' ? Date.parse(timestamp) : Number.NaN;
  if (Number.isNaN(at)) throw new TypeError('the event has no timestamp');
  return at;
}
