import type { Readable } from 'node:stream';

import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';

import type { Batch, BatchStatus, FileFormat, ReceivedFile } from '#batch';
import { isEventClass, type SandboxCatalog } from '#catalog';
import { keyedHash, TesseraError, type NamingSecret, type Position } from '#core';
import { BATCHES, BATCHES_PROJECTION } from '#read-models';

import { CatalogTail, type SandboxRequest } from '../catalog/catalog-tail.js';
import { LiveView } from '../common/live-view.js';
import { MINT_ID, NAMING_SECRET, type MintId } from '../common/ports.js';
import { BatchRunner } from './batch-runner.js';
import { BatchStreams } from './batch-streams.js';
import { Spool } from './spool.js';

export interface FileRequest extends SandboxRequest {
  readonly dataset: string;
  readonly body: Readable;
  /** Bytes that the client announces. */
  readonly length: number | undefined;
  readonly format: FileFormat;
  readonly delimiter: string | undefined;
  readonly partialIngestionPercentage: number;
  /** Whether a file that was loaded before is loaded again. */
  readonly repeats: 'answer' | 'load';
}

export interface ReceivedBatch {
  readonly id: string;
  readonly status: BatchStatus;
  readonly duplicateOf?: string;
  readonly position: Position | undefined;
}

export class ReceiveBatch extends Command<ReceivedBatch> {
  constructor(readonly request: FileRequest) {
    super();
  }
}

/** Earlier batches of one file that are looked at: nearly always one. */
const MOST_EARLIER = 100;
const LOADED = new Set<BatchStatus>(['received', 'validating', 'processing', 'success']);

@CommandHandler(ReceiveBatch)
export class ReceiveBatchHandler implements ICommandHandler<ReceiveBatch> {
  #before: Promise<unknown> = Promise.resolve();
  #last: Position | undefined;

  constructor(
    @Inject(NAMING_SECRET) private readonly secret: NamingSecret,
    @Inject(MINT_ID) private readonly mintId: MintId,
    private readonly catalogs: CatalogTail,
    private readonly live: LiveView,
    private readonly spool: Spool,
    private readonly streams: BatchStreams,
    private readonly runner: BatchRunner,
  ) {}

  async execute({ request }: ReceiveBatch): Promise<ReceivedBatch> {
    const catalog = await this.catalogs.open(request);
    const kind = kindOf(catalog, request.dataset);
    const id = this.mintId().replaceAll('-', '');
    const { bytes, sha256 } = await this.spool.receive(id, request.body, request.length);
    const { sandbox } = catalog;
    const { dataset, format, delimiter, partialIngestionPercentage } = request;
    const file: ReceivedFile = {
      id,
      sandbox,
      sandboxName: request.sandbox,
      dataset,
      kind,
      format,
      ...(delimiter !== undefined && { delimiter }),
      bytes,
      content: keyedHash(this.secret, 16, 'batch', sandbox, dataset, sha256),
      partialIngestionPercentage,
      spool: this.spool.id,
    };
    return this.#inTurn(() => this.#begin(file, request.repeats));
  }

  /** One at a time, each seeing the one before: of two equal files the second is recognised. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#before.then(work);
    this.#before = turn.catch(() => undefined);
    return turn;
  }

  async #begin(file: ReceivedFile, repeats: FileRequest['repeats']): Promise<ReceivedBatch> {
    const { sandbox, id } = file;
    try {
      const earlier = await this.#earlier(file);
      if (earlier !== undefined && repeats === 'answer') {
        await this.spool.remove(id);
        return { id: earlier.id, status: earlier.status, duplicateOf: earlier.id, position: undefined };
      }
      const repeated = earlier && { duplicateOf: earlier.id };
      this.#last = await this.streams.receive({ ...file, ...repeated });
      this.runner.enqueue({ sandbox, id });
      return { id, status: 'received', ...repeated, position: this.#last };
    } catch (error) {
      await this.spool.remove(id);
      throw error;
    }
  }

  /** The newest batch of the same content that was not undone, as its stream has it. */
  async #earlier({ sandbox, content }: ReceivedFile): Promise<Batch | undefined> {
    const reader = await this.live.readerAt(BATCHES_PROJECTION, this.#last);
    const found = await reader.scan(BATCHES.name, {
      index: 'by_content',
      equals: [content],
      order: 'desc',
      limit: MOST_EARLIER,
      body: false,
    });
    for (const { key } of found) {
      const { state } = await this.streams.get(sandbox, key);
      if (LOADED.has(state.status)) return state;
    }
    return undefined;
  }
}

function kindOf(catalog: SandboxCatalog, id: string): 'record' | 'event' {
  const dataset = catalog.datasets.get(id);
  const schema = dataset && catalog.schemas.get(dataset.schema);
  if (schema !== undefined) return isEventClass(schema.class) ? 'event' : 'record';
  throw new TesseraError('DATASET_NOT_FOUND', 'There is no dataset with this id in this sandbox.');
}
