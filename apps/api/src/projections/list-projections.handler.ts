import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';

import { ProjectionStates, type ProjectionState } from './projection-states.js';

export class ListProjections extends Query<readonly ProjectionState[]> {}

@QueryHandler(ListProjections)
export class ListProjectionsHandler implements IQueryHandler<ListProjections> {
  constructor(private readonly states: ProjectionStates) {}

  execute(): Promise<readonly ProjectionState[]> {
    return this.states.list();
  }
}
