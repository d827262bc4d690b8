import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';

import { TesseraError } from '#core';

import { CatalogTail, type SandboxRequest } from '../catalog/catalog-tail.js';
import { SandboxViews } from '../profiles/sandbox-views.js';
import { AttributeSurveys, type TakenSurvey } from './attribute-surveys.js';
import { publishedAttributes } from './published-attributes.js';

/** The values of an attribute in all profiles of the sandbox, as of a moment that it states. */
export class SurveyAttribute extends Query<TakenSurvey> {
  constructor(
    readonly request: SandboxRequest,
    readonly name: string,
  ) {
    super();
  }
}

@QueryHandler(SurveyAttribute)
export class SurveyAttributeHandler implements IQueryHandler<SurveyAttribute> {
  constructor(
    private readonly catalogs: CatalogTail,
    private readonly views: SandboxViews,
    private readonly surveys: AttributeSurveys,
  ) {}

  async execute({ request, name }: SurveyAttribute): Promise<TakenSurvey> {
    const view = await this.views.open(request);
    const defined = this.catalogs.attributes(request.sandbox).get(name);
    const attribute = (await publishedAttributes(view.reader, view.catalog.sandbox)).find((one) => one.name === name);
    if (defined === undefined || attribute === undefined) {
      throw new TesseraError('ATTRIBUTE_NOT_FOUND', `No attribute ${JSON.stringify(name)} is published.`);
    }
    if (defined.type !== 'number' && defined.type !== 'integer') {
      const message = `${name} is of the type ${defined.type ?? 'unknown'}: only numbers are surveyed.`;
      throw new TesseraError('NOT_SUPPORTED', message, { errors: [{ path: 'name', message: 'is not numeric' }] });
    }
    return this.surveys.survey(view, attribute);
  }
}
