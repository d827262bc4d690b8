import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';

import {
  laterOf,
  POSITION_START,
  TesseraError,
  type Clock,
  type Identity,
  type NamingSecret,
  type Position,
} from '#core';
import type { EventLog } from '#event-log';
import { FRAGMENT_DELETED } from '#profile';

import type { SandboxRequest } from '../catalog/catalog-tail.js';
import { CLOCK, EVENT_LOG, NAMING_SECRET } from '../common/ports.js';
import { lifecycleAppends, type FragmentOf } from '../fragments/lifecycle-appends.js';
import { fragmentsOwnedBy, type Owner } from './owned-fragments.js';
import type { SandboxView } from './sandbox-view.js';
import { SandboxViews } from './sandbox-views.js';

/** `identity`: what is owned by the identity itself; `profile`: by any of its cluster. */
export const DELETE_SCOPES = ['identity', 'profile'] as const;
export type DeleteScope = (typeof DELETE_SCOPES)[number];

export interface DeletedProfile {
  /** Fragments that were deleted. */
  readonly fragments: number;
  /** Fragments of the cluster that are left. */
  readonly remainingFragments: number;
  readonly position: Position;
}

/** Deletes fragments; identities and their links stay. `NOT_YET_VISIBLE` when the view cannot catch up in time. */
export class DeleteProfile extends Command<DeletedProfile> {
  constructor(
    readonly request: SandboxRequest,
    readonly identity: Identity,
    readonly scope: DeleteScope,
    readonly requestId: string,
  ) {
    super();
  }
}

@CommandHandler(DeleteProfile)
export class DeleteProfileHandler implements ICommandHandler<DeleteProfile> {
  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(NAMING_SECRET) private readonly secret: NamingSecret,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly views: SandboxViews,
  ) {}

  async execute({ request, identity, scope, requestId }: DeleteProfile): Promise<DeletedProfile> {
    // What was acknowledged before this arrived must be found, and be known as applied before its id is released.
    const head = laterOf(await this.log.head(), request.token ?? POSITION_START);
    const view = await this.views.open({ ...request, token: head });
    const { asked, others } = await this.#find(view, identity);
    const fragments = scope === 'identity' ? asked : [...asked, ...others];
    if (fragments.length === 0) {
      throw new TesseraError('PROFILE_NOT_FOUND', 'There is nothing of this identity to delete in this sandbox.');
    }
    const position = await this.#delete(view, fragments, requestId);
    const remainingFragments = asked.length + others.length - fragments.length;
    return { fragments: fragments.length, remainingFragments, position };
  }

  async #find(view: SandboxView, identity: Identity) {
    const { identity: known, ref } = view.identity(identity.namespace, identity.id);
    const [profile] = await view.profilesOf([ref]);
    const ownedBy = (owner: Owner) => fragmentsOwnedBy(view.reader, view.catalog, owner, profile?.body);
    const others = (profile?.body.members ?? []).filter((member) => member.ref !== ref);
    return { asked: await ownedBy({ ...known, ref }), others: (await Promise.all(others.map(ownedBy))).flat() };
  }

  /** Appends that fail leave some fragments deleted; the request may be sent again. */
  async #delete(view: SandboxView, fragments: readonly FragmentOf[], requestId: string): Promise<Position> {
    const { sandbox } = view.catalog;
    const options = { secret: this.secret, sandbox, now: this.clock.now(), requestId };
    let position = POSITION_START;
    for (const request of lifecycleAppends(options, fragments, { type: FRAGMENT_DELETED })) {
      for (const outcome of await this.log.append(request)) {
        if (outcome.outcome === 'unknown') throw outcome.error;
        if (outcome.outcome === 'written') position = laterOf(position, outcome.position);
      }
    }
    return position;
  }
}
