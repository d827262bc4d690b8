import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';

import { putMergePolicy, type DefaultMerge, type PutMergePolicy as Definition } from '#catalog';

import { CatalogTail, type SandboxRequest } from '../catalog/catalog-tail.js';
import { CatalogWriter, type Change } from '../catalog/catalog-writer.js';
import { Reevaluations } from '../reevaluation/reevaluations.js';

export interface PutPolicy extends Change {
  /** Brings the views that are kept under the default policy up to date; absent when they are. */
  readonly job?: string;
}

export class PutMergePolicy extends Command<PutPolicy> {
  constructor(
    readonly request: SandboxRequest,
    readonly id: string,
    readonly definition: Omit<Definition, 'id'>,
  ) {
    super();
  }
}

@CommandHandler(PutMergePolicy)
export class PutMergePolicyHandler implements ICommandHandler<PutMergePolicy> {
  constructor(
    private readonly catalogs: CatalogTail,
    private readonly writer: CatalogWriter,
    private readonly reevaluations: Reevaluations,
  ) {}

  async execute({ request, id, definition }: PutMergePolicy): Promise<PutPolicy> {
    let before: DefaultMerge | undefined;
    const change = await this.writer.changeCatalog(request, (catalog) => {
      before = catalog.defaultMerge;
      return putMergePolicy(catalog, { id, ...definition });
    });
    const { defaultMerge } = this.catalogs.sandbox(request.sandbox);
    if (!change.changed || defaultMerge.revision === before?.revision) return change;
    return { ...change, ...(await this.reevaluations.request('apply-merge-policy', request, change.position)) };
  }
}
