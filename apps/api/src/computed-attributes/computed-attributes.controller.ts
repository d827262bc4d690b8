import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import {
  ApiBody,
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import { toRfc3339, type JsonObject } from '#core';

import { answerChange, answerDeletion } from '../catalog/answer-change.js';
import { AskedSandbox } from '../catalog/asked-sandbox.decorator.js';
import type { SandboxRequest } from '../catalog/catalog-tail.js';
import { PageQuery } from '../common/page.js';
import { attributeAnswer } from './attribute-answer.js';
import {
  AttributePreviewAnswer,
  ComputedAttributeAnswer,
  ComputedAttributePage,
  DEFAULT_PREVIEWED,
  MAX_PREVIEWED,
  PreviewAttributeBody,
} from './computed-attribute.dto.js';
import { DefineAttribute } from './define-attribute.handler.js';
import { DeleteAttribute } from './delete-attribute.handler.js';
import { DisableAttribute } from './disable-attribute.handler.js';
import { GetAttribute } from './get-attribute.handler.js';
import { ListAttributes } from './list-attributes.handler.js';
import { PreviewAttribute } from './preview-attribute.handler.js';
import { PublishAttribute } from './publish-attribute.handler.js';
import { SurveyAttribute } from './survey-attribute.handler.js';
import { DistributionAnswer, ValuesAnswer, ValuesQuery } from './survey.dto.js';

const STRUCTURED = {
  title: 'Spend, last 4 weeks',
  aggregate: 'SUM',
  path: 'productListItems[*].priceTotal',
  where: {
    and: [
      { path: 'eventType', op: '=', value: 'commerce.purchases' },
      { path: 'channel', op: 'in', value: ['web', 'store'] },
    ],
  },
  datasets: ['orders'],
  window: { count: 4, unit: 'WEEKS' },
};
const EXPRESSION = {
  expression:
    'xEvent[eventType = "commerce.purchases" and (timestamp occurs <= 7 days before now)].sum(order.priceTotal)',
};

@ApiTags('Computed attributes')
@Controller('v1/computed-attributes')
export class ComputedAttributesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Put(':name')
  @ApiOperation({
    summary: 'Define a computed attribute, or change its draft',
    description: 'Structured or as an expression. Of one that was published only the title changes.',
  })
  @ApiBody({
    schema: { type: 'object' },
    examples: { structured: { value: STRUCTURED }, expression: { value: EXPRESSION } },
  })
  @ApiCreatedResponse({ type: ComputedAttributeAnswer })
  @ApiOkResponse({ type: ComputedAttributeAnswer, description: 'It was there' })
  @ApiConflictResponse({ description: 'ATTRIBUTE_DIFFERS, ATTRIBUTE_NAME_TAKEN' })
  @ApiUnprocessableEntityResponse({ description: 'ATTRIBUTE_INVALID, EXPRESSION_INVALID' })
  async define(
    @AskedSandbox() request: SandboxRequest,
    @Param('name') name: string,
    @Body() body: JsonObject,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ComputedAttributeAnswer> {
    answerChange(reply, await this.commands.execute(new DefineAttribute(request, name, body)));
    return this.#answer(request, name);
  }

  @Post(':name/publish')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Compute the attribute from now on, and fill in what happened before',
    description: 'The job in the answer fills in; until it has ended, profiles show `complete: false`.',
  })
  @ApiOkResponse({ type: ComputedAttributeAnswer })
  @ApiNotFoundResponse({ description: 'ATTRIBUTE_NOT_FOUND' })
  @ApiConflictResponse({ description: 'ATTRIBUTE_DISABLED, ATTRIBUTE_NAME_TAKEN, TOO_MANY_ATTRIBUTES' })
  @ApiUnprocessableEntityResponse({ description: 'ATTRIBUTE_INVALID: it does not fit the union of events' })
  async publish(
    @AskedSandbox() request: SandboxRequest,
    @Param('name') name: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ComputedAttributeAnswer> {
    answerChange(reply, await this.commands.execute(new PublishAttribute(request, name)));
    return this.#answer(request, name);
  }

  @Post(':name/disable')
  @HttpCode(200)
  @ApiOperation({ summary: 'Compute the attribute no more, for good; profiles do not show it' })
  @ApiOkResponse({ type: ComputedAttributeAnswer })
  @ApiNotFoundResponse({ description: 'ATTRIBUTE_NOT_FOUND' })
  @ApiConflictResponse({ description: 'ATTRIBUTE_IS_DRAFT' })
  async disable(
    @AskedSandbox() request: SandboxRequest,
    @Param('name') name: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ComputedAttributeAnswer> {
    answerChange(reply, await this.commands.execute(new DisableAttribute(request, name)));
    return this.#answer(request, name);
  }

  @Delete(':name')
  @ApiOperation({ summary: 'Delete a draft' })
  @ApiNoContentResponse({ description: 'It is gone' })
  @ApiNotFoundResponse({ description: 'ATTRIBUTE_NOT_FOUND' })
  @ApiConflictResponse({ description: 'ATTRIBUTE_DIFFERS: it was published' })
  async delete(
    @AskedSandbox() request: SandboxRequest,
    @Param('name') name: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    answerDeletion(reply, await this.commands.execute(new DeleteAttribute(request, name)));
  }

  @Post('preview')
  @HttpCode(200)
  @ApiOperation({
    summary: 'What an attribute would be',
    description:
      `Nothing is written. Computed from the events of up to ${MAX_PREVIEWED} identities' profiles, or of the first ` +
      `${DEFAULT_PREVIEWED} that there are.`,
  })
  @ApiOkResponse({ type: AttributePreviewAnswer })
  @ApiUnprocessableEntityResponse({ description: 'ATTRIBUTE_INVALID, EXPRESSION_INVALID' })
  preview(
    @AskedSandbox() request: SandboxRequest,
    @Body() { definition, identities, at }: PreviewAttributeBody,
  ): Promise<AttributePreviewAnswer> {
    return this.queries.execute(new PreviewAttribute(request, definition, identities, at));
  }

  @Get()
  @ApiOperation({ summary: 'All computed attributes by name' })
  @ApiOkResponse({ type: ComputedAttributePage })
  async list(@AskedSandbox() request: SandboxRequest, @Query() page: PageQuery): Promise<ComputedAttributePage> {
    const { items, ...more } = await this.queries.execute(new ListAttributes(request, page));
    return { items: items.map(attributeAnswer), ...more };
  }

  @Get(':name/values')
  @ApiOperation({ summary: 'The profiles with the highest or lowest values, at a moment that the answer states' })
  @ApiOkResponse({ type: ValuesAnswer })
  @ApiNotFoundResponse({ description: 'ATTRIBUTE_NOT_FOUND: it is not published' })
  @ApiUnprocessableEntityResponse({ description: 'NOT_SUPPORTED: its values are no numbers' })
  async values(
    @AskedSandbox() request: SandboxRequest,
    @Param('name') name: string,
    @Query() { order, limit }: ValuesQuery,
  ): Promise<ValuesAnswer> {
    const { at, complete, survey } = await this.queries.execute(new SurveyAttribute(request, name));
    const items = survey.ranked(order, limit).map(({ value, profile }) => ({ profileId: profile, value }));
    return { at: toRfc3339(at), complete, items };
  }

  @Get(':name/distribution')
  @ApiOperation({ summary: 'How the values of all profiles lie, at a moment that the answer states' })
  @ApiOkResponse({ type: DistributionAnswer })
  @ApiNotFoundResponse({ description: 'ATTRIBUTE_NOT_FOUND: it is not published' })
  @ApiUnprocessableEntityResponse({ description: 'NOT_SUPPORTED: its values are no numbers' })
  async distribution(
    @AskedSandbox() request: SandboxRequest,
    @Param('name') name: string,
  ): Promise<DistributionAnswer> {
    const { at, complete, survey } = await this.queries.execute(new SurveyAttribute(request, name));
    const { quantiles, ...distribution } = survey.distribution();
    return { at: toRfc3339(at), complete, ...distribution, ...(quantiles !== undefined && { quantiles }) };
  }

  @Get(':name')
  @ApiOperation({ summary: 'One computed attribute' })
  @ApiOkResponse({ type: ComputedAttributeAnswer })
  @ApiNotFoundResponse({ description: 'ATTRIBUTE_NOT_FOUND' })
  get(@AskedSandbox() request: SandboxRequest, @Param('name') name: string): Promise<ComputedAttributeAnswer> {
    return this.#answer(request, name);
  }

  async #answer(request: SandboxRequest, name: string): Promise<ComputedAttributeAnswer> {
    return attributeAnswer(await this.queries.execute(new GetAttribute(request, name)));
  }
}
