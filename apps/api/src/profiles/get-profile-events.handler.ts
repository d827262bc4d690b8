import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';

import type { MergePolicy } from '#catalog';
import { toRfc3339, type Identity, type JsonObject } from '#core';
import { timelineOwner, type ProfileBody } from '#read-models';
import type { StoredDocument } from '#read-store';

import type { SandboxRequest } from '../catalog/catalog-tail.js';
import { decodeCursor, encodeCursor } from '../common/cursor.js';
import type { PageRequest } from '../common/page.js';
import type { EventAnswer, EventPage } from './event-answers.dto.js';
import { requestedPolicy, requestedTime } from './requested.js';
import { profileNotFound } from './sandbox-view.js';
import { SandboxViews } from './sandbox-views.js';
import { selectedProfile } from './selected-profile.js';
import { timelinePage, type Order, type TimelineSource } from './timeline-page.js';

export interface WantedEvents extends PageRequest {
  /** RFC 3339, inclusive. */
  readonly from?: string | undefined;
  /** RFC 3339, exclusive. */
  readonly to?: string | undefined;
  readonly eventType?: string | undefined;
  readonly order: Order;
  readonly mergePolicy?: string | undefined;
}

export class GetProfileEvents extends Query<EventPage> {
  constructor(
    readonly view: SandboxRequest,
    readonly identity: Identity,
    readonly wanted: WantedEvents,
  ) {
    super();
  }
}

@QueryHandler(GetProfileEvents)
export class GetProfileEventsHandler implements IQueryHandler<GetProfileEvents> {
  constructor(private readonly views: SandboxViews) {}

  async execute({ view: request, identity: asked, wanted }: GetProfileEvents): Promise<EventPage> {
    const { eventType, order, limit } = wanted;
    const [from, to] = [requestedTime('from', wanted.from), requestedTime('to', wanted.to)];
    const after = wanted.cursor === undefined ? undefined : placeOf(wanted.cursor);
    const view = await this.views.open(request);
    const { ref } = view.identity(asked.namespace, asked.id);
    const policy = requestedPolicy(view.catalog, wanted.mergePolicy);
    const [profile] = await view.profilesOf([ref]);
    const body = selectedProfile(profile, ref, policy)?.body;
    if (body === undefined) throw profileNotFound();
    const sources = timelineSources(body, policy);
    const { events, end } = await timelinePage(view.reader, { sources, from, to, eventType, order, limit, after });
    const identities = new Map(body.members.map((member) => [timelineOwner(member.ref), member]));
    const items = events.map((event) => eventAnswer(event, identities));
    return end === undefined ? { items } : { items, next: encodeCursor(end.at, end.key) };
  }
}

/** Under `dataSetPrecedence` each dataset by itself: only those of the policy show. */
function timelineSources({ events }: ProfileBody, { attributeMerge }: MergePolicy): readonly TimelineSource[] {
  return Object.entries(events).flatMap(([ref, byDataset]): readonly TimelineSource[] => {
    const owner = timelineOwner(ref);
    if (attributeMerge.type === 'timestampOrdered') return [{ owner }];
    return Object.keys(byDataset).map((dataset) => ({ owner, dataset }));
  });
}

function placeOf(cursor: string) {
  const [at, key] = decodeCursor(cursor, 'number', 'hash');
  return { at, key };
}

function eventAnswer(
  { columns, body }: StoredDocument,
  members: ReadonlyMap<string, ProfileBody['members'][number]>,
): EventAnswer {
  const data = JSON.parse(body) as JsonObject;
  // Owners were taken from this very profile.
  const { namespace, id } = members.get(columns['owner'] as string) as Identity;
  const type = columns['type'];
  return {
    id: data['_id'] as string,
    dataset: columns['dataset'] as string,
    identity: { namespace, id },
    timestamp: toRfc3339(columns['at'] as number),
    ...(typeof type === 'string' && { eventType: type }),
    data,
  };
}
