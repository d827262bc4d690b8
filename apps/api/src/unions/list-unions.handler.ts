import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';

import { classesOf, unionOf, type SchemaClass } from '#catalog';

import { CatalogTail, type SandboxRequest } from '../catalog/catalog-tail.js';
import { listPage } from '../catalog/list-page.js';
import type { Page, PageRequest } from '../common/page.js';

/** A union without its paths. */
export interface UnionSummary {
  readonly class: SchemaClass;
  /** Ids of the enabled schemas, in order. */
  readonly schemas: readonly string[];
  /** How many paths it has. */
  readonly pathCount: number;
}

export class ListUnions extends Query<Page<UnionSummary>> {
  constructor(
    readonly request: SandboxRequest,
    readonly page: PageRequest,
  ) {
    super();
  }
}

@QueryHandler(ListUnions)
export class ListUnionsHandler implements IQueryHandler<ListUnions> {
  constructor(private readonly tail: CatalogTail) {}

  async execute({ request, page }: ListUnions): Promise<Page<UnionSummary>> {
    const catalog = await this.tail.open(request);
    const classes = new Map(classesOf(catalog).map((schemaClass) => [schemaClass, schemaClass]));
    const { items, ...more } = listPage(classes, page);
    const summaries = items.map((schemaClass): UnionSummary => {
      const { schemas, paths } = unionOf(catalog, schemaClass);
      return { class: schemaClass, schemas, pathCount: paths.length };
    });
    return { items: summaries, ...more };
  }
}
