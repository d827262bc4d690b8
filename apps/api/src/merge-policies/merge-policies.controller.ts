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

import { answerChange, answerDeletion } from '../catalog/answer-change.js';
import { AskedSandbox } from '../catalog/asked-sandbox.decorator.js';
import type { SandboxRequest } from '../catalog/catalog-tail.js';
import { PageQuery } from '../common/page.js';
import { DeleteMergePolicy } from './delete-merge-policy.handler.js';
import { GetMergePolicy } from './get-merge-policy.handler.js';
import { ListMergePolicies } from './list-merge-policies.handler.js';
import { MergePolicyAnswer, MergePolicyPage, PutMergePolicyAnswer, PutMergePolicyBody } from './merge-policy.dto.js';
import { PreviewMergePolicy } from './preview-merge-policy.handler.js';
import { DEFAULT_PREVIEWED, MAX_PREVIEWED, PreviewAnswer, PreviewBody } from './preview.dto.js';
import { PutMergePolicy } from './put-merge-policy.handler.js';

const LOYALTY_FIRST = {
  name: 'Loyalty first',
  class: 'profile',
  identityGraph: 'pdg',
  attributeMerge: { type: 'dataSetPrecedence', order: ['loyalty', 'crm'] },
};
const NEWEST_VALUES = {
  name: 'Newest value of each field',
  attributeMerge: { type: 'timestampOrdered', granularity: 'field' },
  default: true,
};

@ApiTags('Merge policies')
@Controller('v1/merge-policies')
export class MergePoliciesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Put(':id')
  @ApiOperation({
    summary: 'Create a merge policy, or a new version of it',
    description:
      'It holds for what was ingested before, too. One policy is the default: making another one so takes it from the one ' +
      'that was, and makes a new version of both. Every read goes by the new version at once; where the default changes, a job brings ' +
      'the views up to date that are kept under it, so that reading them costs no merge.',
  })
  @ApiBody({
    type: PutMergePolicyBody,
    examples: { precedence: { value: LOYALTY_FIRST }, newestField: { value: NEWEST_VALUES } },
  })
  @ApiCreatedResponse({ type: PutMergePolicyAnswer })
  @ApiOkResponse({ type: PutMergePolicyAnswer, description: 'It was there; its version tells whether it changed' })
  @ApiNotFoundResponse({ description: 'DATASET_NOT_FOUND: `errors` says which of its order' })
  @ApiConflictResponse({ description: 'MERGE_POLICY_IS_DEFAULT: `default` is false, and there would be none' })
  @ApiUnprocessableEntityResponse({ description: 'NOT_SUPPORTED: of another class than `profile`' })
  async put(
    @AskedSandbox() request: SandboxRequest,
    @Param('id') id: string,
    @Body() { name = id, ...body }: PutMergePolicyBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PutMergePolicyAnswer> {
    const { job, ...change } = await this.commands.execute(new PutMergePolicy(request, id, { name, ...body }));
    answerChange(reply, change);
    const policy = await this.queries.execute(new GetMergePolicy(request, id));
    return Object.assign(job === undefined ? {} : { job }, policy);
  }

  @Delete(':id')
  @ApiOperation({ summary: 'Delete a merge policy that is not the default' })
  @ApiNoContentResponse({ description: 'It is gone' })
  @ApiNotFoundResponse({ description: 'MERGE_POLICY_NOT_FOUND' })
  @ApiConflictResponse({ description: 'MERGE_POLICY_IS_DEFAULT' })
  async delete(
    @AskedSandbox() request: SandboxRequest,
    @Param('id') id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    answerDeletion(reply, await this.commands.execute(new DeleteMergePolicy(request, id)));
  }

  @Post('preview')
  @HttpCode(200)
  @ApiOperation({
    summary: 'What profiles would be under a policy, and how that differs from the default one',
    description:
      `Nothing is written. Of up to ${MAX_PREVIEWED} identities, or of the first ${DEFAULT_PREVIEWED} profiles that there ` +
      'are. The policy is checked as if it were to be kept.',
  })
  @ApiBody({
    type: PreviewBody,
    examples: { precedence: { value: { policy: LOYALTY_FIRST, identities: [{ namespace: 'CRMID', id: '7' }] } } },
  })
  @ApiOkResponse({ type: PreviewAnswer })
  @ApiNotFoundResponse({ description: 'DATASET_NOT_FOUND, NAMESPACE_NOT_FOUND' })
  preview(
    @AskedSandbox() request: SandboxRequest,
    @Body() { policy, identities }: PreviewBody,
  ): Promise<PreviewAnswer> {
    const { name = 'preview', ...rest } = policy;
    return this.queries.execute(new PreviewMergePolicy(request, { name, ...rest }, identities));
  }

  @Get()
  @ApiOperation({ summary: 'All merge policies by id' })
  @ApiOkResponse({ type: MergePolicyPage })
  list(@AskedSandbox() request: SandboxRequest, @Query() page: PageQuery): Promise<MergePolicyPage> {
    return this.queries.execute(new ListMergePolicies(request, page));
  }

  @Get(':id')
  @ApiOperation({ summary: 'One merge policy in its current version' })
  @ApiOkResponse({ type: MergePolicyAnswer })
  @ApiNotFoundResponse({ description: 'MERGE_POLICY_NOT_FOUND' })
  get(@AskedSandbox() request: SandboxRequest, @Param('id') id: string): Promise<MergePolicyAnswer> {
    return this.queries.execute(new GetMergePolicy(request, id));
  }
}
