import { randomUUID } from 'node:crypto';

import { fragmentStream, type Identity, type JsonObject, type NamingSecret, type Position } from '#core';
import type { EventLog, NewEvent } from '#event-log';
import {
  ATTRIBUTES_UPSERTED,
  clientIdHash,
  contentHash,
  encodeIngestedItem,
  encodeLifecycle,
  encodeUpsert,
  EXPERIENCE_EVENT_INGESTED,
  RECORD_INGESTED,
  type IngestMetadata,
  type LifecycleEvent,
  type Patch,
} from '#profile';

/** An item as ingest hands it to the log, in a form that specs can write down. */
export interface GivenItem {
  readonly dataset: string;
  readonly owner: Identity;
  readonly others?: readonly Identity[];
  readonly item: JsonObject;
  /** An item with `_id` is an event. */
  readonly messageId?: string;
  readonly shown?: boolean;
  readonly ingestedAt?: number;
  readonly sourceTime?: number;
  readonly sandbox?: string;
  readonly ordering?: 'source';
  readonly batch?: string;
  /** Makes it an upsert: `item` is its data. */
  readonly patch?: Omit<Patch, 'data'>;
  /** Makes it something that happens to the whole fragment; `item` says nothing. */
  readonly lifecycle?: LifecycleEvent;
}

export const SANDBOX = 'sbx00001';

export function crm(id: string): Identity {
  return { namespace: 'CRMID', id };
}

export function email(id: string): Identity {
  return { namespace: 'Email', id };
}

/** Appends items one by one, as so many requests; answers the position of the last. */
export async function appendItems(log: EventLog, secret: NamingSecret, items: readonly GivenItem[]): Promise<Position> {
  let position: Position = '';
  for (const item of items) {
    const { stream, event, common } = ingested(secret, item);
    const [outcome] = await log.append({
      common: { ...common },
      writes: [{ stream, expected: 'any', events: [event] }],
    });
    if (outcome?.outcome !== 'written') throw new Error('the item was not written');
    position = outcome.position;
  }
  return position;
}

function ingested(
  secret: NamingSecret,
  given: GivenItem,
): { readonly stream: string; readonly event: NewEvent; readonly common: JsonObject } {
  const { dataset, owner, item, shown = true, ingestedAt = 1_000, sandbox = SANDBOX, ordering, batch } = given;
  const { sourceTime, lifecycle } = given;
  const id = typeof item['_id'] === 'string' ? item['_id'] : given.messageId;
  const event: NewEvent = {
    id: randomUUID(),
    ...(lifecycle === undefined ? contentOf(given) : encodeLifecycle(owner, lifecycle)),
    ...(sourceTime !== undefined && { metadata: { sourceTime } }),
    ...(id !== undefined && {
      clientId: { idHash: clientIdHash(secret, sandbox, dataset, owner, id), contentHash: contentHash(secret, item) },
    }),
  };
  const common: IngestMetadata = {
    sandbox,
    dataset,
    shown,
    schemaVersion: 1,
    settingsVersion: 0,
    ingestedAt,
    requestId: 'r',
    ...(ordering !== undefined && { ordering }),
    ...(batch !== undefined && { batch }),
    v: 1,
  };
  return { stream: fragmentStream(secret, sandbox, dataset, owner), event, common: { ...common } };
}

function contentOf({ owner, others = [], item, patch }: GivenItem): Pick<NewEvent, 'type' | 'data'> {
  if (patch !== undefined) {
    return { type: ATTRIBUTES_UPSERTED, data: encodeUpsert(owner, others, { ...patch, data: item }) };
  }
  const type = '_id' in item ? EXPERIENCE_EVENT_INGESTED : RECORD_INGESTED;
  return { type, data: encodeIngestedItem(owner, others, JSON.stringify(item)) };
}
