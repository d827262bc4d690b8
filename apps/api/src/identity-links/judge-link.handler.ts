import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';

import { blockLink, unblockLink } from '#catalog';
import { laterOf, POSITION_START, TesseraError, type Identity, type Position } from '#core';
import type { EventLogReader } from '#event-log';
import { linkKey, LINKS } from '#read-models';

import type { SandboxRequest } from '../catalog/catalog-tail.js';
import { CatalogWriter } from '../catalog/catalog-writer.js';
import { EVENT_LOG } from '../common/ports.js';
import { SandboxViews } from '../profiles/sandbox-views.js';

export interface JudgedLink {
  readonly a: Identity;
  readonly b: Identity;
  readonly position: Position;
}

/** Blocks a link, or lets it count again. Nothing is lost either way. */
export class JudgeLink extends Command<JudgedLink> {
  constructor(
    readonly request: SandboxRequest,
    readonly link: { readonly a: Identity; readonly b: Identity; readonly reason: string; readonly by: string },
    readonly verdict: 'block' | 'unblock',
  ) {
    super();
  }
}

@CommandHandler(JudgeLink)
export class JudgeLinkHandler implements ICommandHandler<JudgeLink> {
  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLogReader,
    private readonly views: SandboxViews,
    private readonly writer: CatalogWriter,
  ) {}

  /** Throws `LINK_NOT_FOUND` for two identities that nothing has ever linked: mostly one of them is misspelt. */
  async execute({ request, link, verdict }: JudgeLink): Promise<JudgedLink> {
    // What was acknowledged before this arrived must be found.
    const head = laterOf(await this.log.head(), request.token ?? POSITION_START);
    const view = await this.views.open({ ...request, token: head });
    const a = view.identity(link.a.namespace, link.a.id, 'a.namespace');
    const b = view.identity(link.b.namespace, link.b.id, 'b.namespace');
    const command = { ...link, a: a.identity, b: b.identity };
    if (verdict === 'block' && a.ref !== b.ref) {
      const [found] = await view.reader.get(LINKS.name, [linkKey(a.ref, b.ref)], { body: false });
      if (found === undefined) throw new TesseraError('LINK_NOT_FOUND', 'Nothing links these two identities.');
    }
    const decide = verdict === 'block' ? blockLink : unblockLink;
    const { position } = await this.writer.changeCatalog(request, (catalog) => decide(catalog, command));
    return { a: a.identity, b: b.identity, position };
  }
}
