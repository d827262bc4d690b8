import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';

import { TesseraError, toRfc3339, type Identity } from '#core';
import { wholeState } from '#profile';
import { fragmentKey, FRAGMENTS, type FragmentBody } from '#read-models';

import type { SandboxRequest } from '../catalog/catalog-tail.js';
import { SandboxViews } from '../profiles/sandbox-views.js';
import type { FragmentAnswer } from './fragment.dto.js';

export class GetFragment extends Query<FragmentAnswer> {
  constructor(
    readonly view: SandboxRequest,
    readonly dataset: string,
    readonly owner: Identity,
  ) {
    super();
  }
}

@QueryHandler(GetFragment)
export class GetFragmentHandler implements IQueryHandler<GetFragment> {
  constructor(private readonly views: SandboxViews) {}

  async execute({ view: request, dataset, owner: asked }: GetFragment): Promise<FragmentAnswer> {
    const view = await this.views.open(request);
    if (!view.catalog.datasets.has(dataset)) {
      throw new TesseraError('DATASET_NOT_FOUND', 'There is no dataset with this id in this sandbox.');
    }
    const { identity, ref } = view.identity(asked.namespace, asked.id);
    const [document] = await view.reader.get(FRAGMENTS.name, [fragmentKey(ref, dataset)]);
    const fragment = document && (JSON.parse(document.body) as FragmentBody);
    const state = fragment && wholeState(fragment);
    if (fragment === undefined || state === undefined)
      throw new TesseraError('FRAGMENT_NOT_FOUND', 'The dataset holds no record of this owner.');
    const { attributes, updatedAt } = state;
    return { dataset, owner: identity, revision: fragment.revision, updatedAt: toRfc3339(updatedAt), attributes };
  }
}
