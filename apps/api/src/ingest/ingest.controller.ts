import { Body, Controller, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import {
  ApiAcceptedResponse,
  ApiBody,
  ApiConsumes,
  ApiHeader,
  ApiOperation,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { TesseraError, type JsonObject } from '#core';
import type { ItemKind } from '#profile';

import { AskedSandbox } from '../catalog/asked-sandbox.decorator.js';
import type { SandboxRequest } from '../catalog/catalog-tail.js';
import { TakesItems, type ItemsBody } from '../common/body.js';
import { answerConsistency } from '../common/consistency.js';
import { decompressBody } from './decompress.js';
import { idempotencyKey, IDEMPOTENCY_HEADER } from './idempotency-key.js';
import { IngestItems, type Ingested } from './ingest-items.handler.js';
import { IngestAnswer, IngestQuery } from './ingest.dto.js';
import type { ItemCounts } from './item-results.js';

const items = (example: readonly JsonObject[]) => ({
  description: 'A JSON array of items, or one a line',
  schema: { type: 'array', items: { type: 'object' }, example },
});

const RECORDS = items([
  { $messageId: 'crm-1', crmId: '7', name: { first: 'Ona', last: 'Li' }, tags: ['a'] },
  { $ifRevision: -1, crmId: '8', name: { first: 'Jo' } },
]);
const UPSERTS = items([
  { crmId: '7', name: { last: 'Ray' }, $append: { tags: ['b'] } },
  { $messageId: 'crm-2', $ifRevision: 1, crmId: '7', $unset: ['name.first'] },
]);
const EVENTS = items([
  {
    _id: '536365-1',
    timestamp: '2010-12-01T08:26:00Z',
    eventType: 'commerce.purchases',
    crmId: '7',
    order: { priceTotal: 15.3 },
  },
]);

/** Told by each operation: Nest fills in one of its own where an operation says nothing of its usual status. */
const ACCEPTED = { type: IngestAnswer, description: 'Nothing was refused' };

@ApiTags('Ingest')
@ApiConsumes('application/json', 'application/x-ndjson')
@ApiResponse({ status: 207, type: IngestAnswer, description: 'Some items were refused' })
@ApiResponse({ status: 422, type: IngestAnswer, description: 'All items were refused' })
@Controller('v1/datasets/:dataset')
export class IngestController {
  constructor(private readonly commands: CommandBus) {}

  @Post('records')
  @HttpCode(202)
  @ApiAcceptedResponse(ACCEPTED)
  @TakesItems()
  @ApiBody(RECORDS)
  @ApiHeader({ name: IDEMPOTENCY_HEADER, required: false })
  @ApiOperation({ summary: 'Records: each replaces what the dataset holds under its owner' })
  records(
    @AskedSandbox() catalog: SandboxRequest,
    @Param('dataset') dataset: string,
    @Query() query: IngestQuery,
    @Body() body: ItemsBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    return this.#ingest({ ...catalog, kind: 'record', dataset }, query, body, request, reply);
  }

  @Post('upserts')
  @HttpCode(202)
  @ApiAcceptedResponse(ACCEPTED)
  @TakesItems()
  @ApiBody(UPSERTS)
  @ApiHeader({ name: IDEMPOTENCY_HEADER, required: false })
  @ApiOperation({
    summary: 'Upserts: each patches what the dataset holds under its owner',
    description:
      'Objects merge key by key, scalars and arrays replace. `$unset` removes paths before the data is merged in, ' +
      '`$append` adds to the end of arrays after it. Creates the fragment when there is none. Validated without `required`.',
  })
  upserts(
    @AskedSandbox() catalog: SandboxRequest,
    @Param('dataset') dataset: string,
    @Query() query: IngestQuery,
    @Body() body: ItemsBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    return this.#ingest({ ...catalog, kind: 'upsert', dataset }, query, body, request, reply);
  }

  @Post('events')
  @HttpCode(202)
  @ApiAcceptedResponse(ACCEPTED)
  @TakesItems()
  @ApiBody(EVENTS)
  @ApiOperation({ summary: 'Experience events: each is kept, once per `_id`' })
  events(
    @AskedSandbox() catalog: SandboxRequest,
    @Param('dataset') dataset: string,
    @Query() query: IngestQuery,
    @Body() body: ItemsBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    return this.#ingest({ ...catalog, kind: 'event', dataset }, query, body, request, reply);
  }

  async #ingest(
    target: SandboxRequest & { readonly kind: ItemKind; readonly dataset: string },
    query: IngestQuery,
    body: ItemsBody,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<string> {
    if (body === undefined) throw new TesseraError('MALFORMED_BODY', 'The request has no body.');
    const command = new IngestItems(
      {
        ...target,
        idempotencyKey: idempotencyKey(request.headers[IDEMPOTENCY_HEADER]),
        body: await decompressBody(body, request.headers['content-encoding']),
        results: query.results ?? 'notable',
        requestId: request.id,
      },
      query.dryRun === 'true' ? 'validate' : 'write',
    );
    return answer(reply, await this.commands.execute(command));
  }
}

/** The results are JSON text already. */
function answer(reply: FastifyReply, { counts, json, position }: Ingested): string {
  if (position !== undefined) answerConsistency(reply, position);
  void reply.status(statusOf(counts)).type('application/json; charset=utf-8');
  return json;
}

/** Nothing rejected 202, some 207, all 422. */
function statusOf({ accepted, rejected, duplicates }: ItemCounts): number {
  if (rejected === 0) return 202;
  return accepted + duplicates === 0 ? 422 : 207;
}
