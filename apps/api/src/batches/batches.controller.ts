import type { Readable } from 'node:stream';

import { Body, Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import {
  ApiAcceptedResponse,
  ApiBody,
  ApiConflictResponse,
  ApiConsumes,
  ApiOkResponse,
  ApiOperation,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { formatOfMediaType, type FileFormat } from '#batch';
import { TesseraError } from '#core';

import { AskedSandbox } from '../catalog/asked-sandbox.decorator.js';
import type { SandboxRequest } from '../catalog/catalog-tail.js';
import { TakesFile } from '../common/body.js';
import { answerConsistency } from '../common/consistency.js';
import { PageQuery } from '../common/page.js';
import { JobStarted } from '../jobs/job.dto.js';
import type { RequestedJob } from '../jobs/request-job.handler.js';
import { AbortBatch } from './abort-batch.handler.js';
import {
  BatchAnswer,
  batchAnswer,
  BatchPage,
  DELIMITERS,
  ListBatchesQuery,
  ReceiveBatchQuery,
  ReceivedBatchAnswer,
  RejectedRowPage,
} from './batch.dto.js';
import { GetBatch } from './get-batch.handler.js';
import { ListBatches } from './list-batches.handler.js';
import { ListRejectedRows } from './list-rejected-rows.handler.js';
import { ReceiveBatch } from './receive-batch.handler.js';
import { RevertBatch } from './revert-batch.handler.js';

@ApiTags('Batches')
@Controller('v1')
export class BatchesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Post('datasets/:dataset/batches')
  @HttpCode(202)
  @TakesFile()
  @ApiConsumes('application/x-ndjson', 'application/json', 'text/csv', 'application/vnd.apache.parquet')
  @ApiBody({
    description: 'The file as it is, gzipped or not',
    schema: { type: 'string', format: 'binary' },
    examples: {
      csv: { value: 'crmId,name.first,tags\n7,Ona,new|vip\n' },
      ndjson: { value: '{"crmId":"7","name":{"first":"Ona"},"tags":["new","vip"]}\n' },
    },
  })
  @ApiOperation({ summary: 'Load a file: it is kept, validated as a whole, then loaded row by row in the background' })
  @ApiAcceptedResponse({ type: ReceivedBatchAnswer })
  @ApiOkResponse({ type: ReceivedBatchAnswer, description: 'The same file was loaded before: `duplicateOf`' })
  @ApiResponse({ status: 413, description: 'FILE_TOO_LARGE' })
  @ApiResponse({ status: 415, description: 'UNSUPPORTED_MEDIA_TYPE: say ?format=' })
  @ApiResponse({ status: 422, description: 'FILE_EMPTY' })
  @ApiResponse({ status: 429, description: 'TOO_MANY_UPLOADS, SPOOL_FULL' })
  async receive(
    @AskedSandbox() sandbox: SandboxRequest,
    @Param('dataset') dataset: string,
    @Query() query: ReceiveBatchQuery,
    // Not by its class: the validation would make a new one of it.
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReceivedBatchAnswer> {
    refuseEncoding(request.headers['content-encoding']);
    const file = {
      ...sandbox,
      dataset,
      body: body as Readable,
      length: lengthOf(request),
      format: formatOf(query, request.fileType),
      delimiter: query.delimiter && DELIMITERS[query.delimiter],
      partialIngestionPercentage: query.partialIngestionPercentage,
      repeats: query.force === 'true' ? 'load' : 'answer',
    } as const;
    const { position, ...answer } = await this.commands.execute(new ReceiveBatch(file));
    if (position === undefined) void reply.status(200);
    else answerConsistency(reply, position);
    return answer;
  }

  @Get('batches')
  @ApiOperation({ summary: 'Batches of the sandbox, newest first' })
  @ApiOkResponse({ type: BatchPage })
  async list(@AskedSandbox() sandbox: SandboxRequest, @Query() query: ListBatchesQuery): Promise<BatchPage> {
    const { items, ...next } = await this.queries.execute(new ListBatches(sandbox, query));
    return { items: items.map(batchAnswer), ...next };
  }

  @Get('batches/:id')
  @ApiOperation({ summary: 'One batch: its status, and what became of its rows' })
  @ApiOkResponse({ type: BatchAnswer })
  async get(@AskedSandbox() sandbox: SandboxRequest, @Param('id') id: string): Promise<BatchAnswer> {
    return batchAnswer(await this.queries.execute(new GetBatch(sandbox, id)));
  }

  @Get('batches/:id/rejected')
  @ApiOperation({ summary: 'The first 10,000 refused rows of a batch, with lines and reasons' })
  @ApiOkResponse({ type: RejectedRowPage })
  rejected(
    @AskedSandbox() sandbox: SandboxRequest,
    @Param('id') id: string,
    @Query() page: PageQuery,
  ): Promise<RejectedRowPage> {
    return this.queries.execute(new ListRejectedRows(sandbox, id, page));
  }

  @Post('batches/:id/abort')
  @HttpCode(202)
  @ApiOperation({ summary: 'End a batch that appends nothing yet' })
  @ApiAcceptedResponse({ type: JobStarted, description: 'It is aborted; the job has ended' })
  @ApiConflictResponse({ description: 'BATCH_NOT_ABORTABLE' })
  async abort(
    @AskedSandbox() sandbox: SandboxRequest,
    @Param('id') id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobStarted> {
    return started(reply, await this.commands.execute(new AbortBatch(sandbox, id)));
  }

  @Post('batches/:id/revert')
  @HttpCode(202)
  @ApiOperation({ summary: 'Take the events of a successful batch out of the profiles again' })
  @ApiAcceptedResponse({ type: JobStarted })
  @ApiConflictResponse({ description: 'BATCH_NOT_REVERTIBLE' })
  async revert(
    @AskedSandbox() sandbox: SandboxRequest,
    @Param('id') id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobStarted> {
    return started(reply, await this.commands.execute(new RevertBatch(sandbox, id)));
  }
}

function started(reply: FastifyReply, { job, position }: RequestedJob): JobStarted {
  answerConsistency(reply, position);
  return { job };
}

/** gzip is recognised in the file, so that a file that was gzipped before is not gzip twice. */
function refuseEncoding(encoding: string | undefined): void {
  if (encoding === undefined || ['', 'identity', 'gzip'].includes(encoding)) return;
  throw new TesseraError('UNSUPPORTED_MEDIA_TYPE', `Files are taken plain or as gzip, not as ${encoding}.`);
}

function formatOf({ format, delimiter }: ReceiveBatchQuery, contentType: string | undefined): FileFormat {
  const found = format ?? formatOfMediaType(contentType);
  if (found === undefined) {
    throw new TesseraError('UNSUPPORTED_MEDIA_TYPE', 'The content type does not tell the format: say ?format=.');
  }
  if (delimiter === undefined || found === 'csv') return found;
  throw new TesseraError('INVALID_REQUEST', `A file of ${found} has no delimiter.`, {
    errors: [{ path: 'delimiter', message: 'is for CSV' }],
  });
}

function lengthOf({ headers }: FastifyRequest): number | undefined {
  const length = headers['content-length'];
  return length === undefined ? undefined : Number(length);
}
