import { randomUUID } from 'node:crypto';

import { fragmentStream, type Identity, type JsonObject, type NamingSecret, type Position } from '#core';
import type { EventLog, NewEvent } from '#event-log';
import {
  clientIdHash,
  contentHash,
  encodeIngestedItem,
  EXPERIENCE_EVENT_INGESTED,
  RECORD_INGESTED,
  type IngestMetadata,
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
): { readonly stream: string; readonly event: NewEvent; readonly common: IngestMetadata } {
  const { dataset, owner, others = [], item, shown = true, ingestedAt = 1_000, sourceTime, sandbox = SANDBOX } = given;
  const id = typeof item['_id'] === 'string' ? item['_id'] : given.messageId;
  const event: NewEvent = {
    id: randomUUID(),
    type: '_id' in item ? EXPERIENCE_EVENT_INGESTED : RECORD_INGESTED,
    data: encodeIngestedItem(owner, others, JSON.stringify(item)),
    ...(sourceTime !== undefined && { metadata: { sourceTime } }),
    ...(id !== undefined && {
      clientId: { idHash: clientIdHash(secret, sandbox, dataset, owner, id), contentHash: contentHash(secret, item) },
    }),
  };
  const common = {
    sandbox,
    dataset,
    shown,
    schemaVersion: 1,
    settingsVersion: 0,
    ingestedAt,
    requestId: 'r',
    v: 1,
  } as const;
  return { stream: fragmentStream(secret, sandbox, dataset, owner), event, common };
}
