import { Inject, Injectable } from '@nestjs/common';

import {
  completeBatch,
  endRevert,
  expandedContent,
  GZIP_MAGIC,
  isOpen,
  isReverting,
  MAX_ITEM_BYTES,
  readRows,
  startsWith,
} from '#batch';
import type { Batch } from '#batch';
import { TesseraError, type Clock, type NamingSecret } from '#core';
import type { EventLog } from '#event-log';
import type { RefusedIdentity } from '#identity';
import type { Metrics } from '#observability';
import { FragmentNames } from '#profile';
import { PROFILE_PROJECTION } from '#read-models';

import { CatalogTail } from '../catalog/catalog-tail.js';
import type { BatchSettings } from '../common/config.js';
import { LiveView } from '../common/live-view.js';
import { BATCH_SETTINGS, CLOCK, EVENT_LOG, METRICS, NAMING_SECRET } from '../common/ports.js';
import { RefusedIdentities } from '../refused-identities/refused-identities.js';
import { KnownItems } from '../ingest/known-items.js';
import { BatchJobs } from './batch-jobs.js';
import { batchSetup, type BatchSetup } from './batch-setup.js';
import { BatchStreams, type BatchAtRevision } from './batch-streams.js';
import { firstPass } from './first-pass.js';
import { revertPass } from './revert-pass.js';
import { secondPass } from './second-pass.js';
import { Spool } from './spool.js';
import type { SpooledFile } from './spooled-file.js';

/** Does what is left to do on one batch. */
@Injectable()
export class BatchWork {
  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(NAMING_SECRET) private readonly secret: NamingSecret,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(METRICS) private readonly metrics: Metrics,
    @Inject(BATCH_SETTINGS) private readonly settings: BatchSettings,
    private readonly streams: BatchStreams,
    private readonly spool: Spool,
    private readonly catalogs: CatalogTail,
    private readonly live: LiveView,
    private readonly names: FragmentNames,
    private readonly jobs: BatchJobs,
    private readonly refused: RefusedIdentities,
  ) {}

  /**
   * Brings the batch to its end: both passes, or the rest of the second one, or its revert. Throws what ends it otherwise (`SPOOL_LOST`,
   * what is wrong with the file), what may pass (an error of the log), or the reason of `signal`.
   */
  async run(from: BatchAtRevision, signal: AbortSignal): Promise<void> {
    if (isReverting(from.state)) return this.#revert(from, signal);
    if (!isOpen(from.state)) return;
    const file = await this.#open(from.state);
    try {
      const resumed = from.state.status === 'processing';
      const at = resumed ? from : await this.#validate(from, file, signal);
      if (at.state.status === 'processing') await this.#append(at, file, resumed, signal);
    } finally {
      await file.close();
    }
  }

  /** Parquet is read from its end: gzipped, it is unpacked to the disk first. */
  async #open({ id, format }: Batch): Promise<SpooledFile> {
    const file = await this.spool.open(id);
    if (format !== 'parquet') return file;
    const start = Buffer.from(await file.slice(0, Math.min(GZIP_MAGIC.length, file.bytes)));
    if (!startsWith(start, GZIP_MAGIC)) return file;
    await file.close();
    return this.spool.open(id, (content) => expandedContent(content, this.settings.maxExpandedBytes));
  }

  #validate(from: BatchAtRevision, file: SpooledFile, signal: AbortSignal): Promise<BatchAtRevision> {
    const { streams, clock } = this;
    const setup = this.#setup(from.state);
    return firstPass(from, { streams, clock, setup, rows: this.#rows(from.state, file, setup), signal });
  }

  async #append(from: BatchAtRevision, file: SpooledFile, resumed: boolean, signal: AbortSignal): Promise<void> {
    const { streams, log, clock, metrics, live, secret } = this;
    const { state: batch } = from;
    const setup = this.#setup(batch, this.refused.listener(batch.sandbox));
    const { context, metadata } = setup.ingest;
    const known = new KnownItems({
      live,
      secret,
      kind: context.kind,
      dataset: batch.dataset,
      shown: metadata.shown,
    });
    const rows = this.#whileThere(batch, this.#rows(batch, file, setup));
    const pass = { streams, log, clock, metrics, setup, known, rows, resumed, signal };
    const { at, tally, position } = await secondPass(from, pass);
    // Success means that everybody sees the rows.
    await this.live.passed(PROFILE_PROJECTION, position === '' ? await log.head() : position, signal);
    await streams.change(at, (one) => completeBatch(one, tally.result));
  }

  /** The job ends before the batch: after a crash in between, both ends are told again. */
  async #revert(from: BatchAtRevision, signal: AbortSignal): Promise<void> {
    const { log, secret, clock, streams } = this;
    const { sandbox, id, revertJob = '' } = from.state;
    const span = await streams.span(sandbox, id);
    const { fragments, position } = await revertPass({ log, secret, now: clock.now(), signal }, from.state, span);
    await this.live.passed(PROFILE_PROJECTION, position === '' ? await log.head() : position, signal);
    await this.jobs.complete(revertJob, { fragments });
    await streams.change(from, (batch) => endRevert(batch, fragments));
  }

  #setup(batch: Batch, onRefused?: (refused: RefusedIdentity) => void): BatchSetup {
    return batchSetup(this.catalogs.sandbox(batch.sandboxName), batch, this.names, this.secret, onRefused);
  }

  #rows({ kind, format, delimiter }: Batch, file: SpooledFile, { shape }: BatchSetup) {
    const { maxExpandedBytes } = this.settings;
    return readRows(file, { format, delimiter, shape, maxItemBytes: MAX_ITEM_BYTES[kind], maxExpandedBytes });
  }

  /** A batch does not outlive its dataset: what it wrote so far goes with the rest. Throws `DATASET_NOT_FOUND`. */
  async *#whileThere<Slice>({ sandbox, sandboxName, dataset }: Batch, slices: AsyncIterable<Slice>) {
    for await (const slice of slices) {
      const catalog = this.catalogs.sandbox(sandboxName);
      if (catalog.sandbox !== sandbox || !catalog.datasets.has(dataset)) {
        throw new TesseraError('DATASET_NOT_FOUND', `The dataset ${dataset} was deleted while the batch was loaded.`);
      }
      yield slice;
    }
  }
}
