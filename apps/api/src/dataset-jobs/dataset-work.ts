import { Inject, Injectable } from '@nestjs/common';

import { deleteDataset, unchanged, type Dataset } from '#catalog';
import { POSITION_START, type Clock, type Position } from '#core';
import type { EventLog } from '#event-log';
import type { ApiJob, DatasetJobKind, DatasetTarget } from '#projection';
import { PROFILE_PROJECTION } from '#read-models';

import { JobRunner, type JobWork } from '../background-jobs/job-runner.js';
import { JobStreams } from '../background-jobs/job-streams.js';
import { CatalogTail } from '../catalog/catalog-tail.js';
import { CatalogWriter } from '../catalog/catalog-writer.js';
import { LiveView } from '../common/live-view.js';
import { CLOCK, EVENT_LOG } from '../common/ports.js';
import { datasetPass } from './dataset-pass.js';

const PROGRESS_MILLISECONDS = 1_000;

type DatasetJob = ApiJob<DatasetJobKind>;

/** Does a job on a dataset, from its beginning or again after a crash. */
@Injectable()
export class DatasetWork implements JobWork<DatasetJobKind> {
  readonly kinds = ['delete-dataset-data', 'delete-dataset', 'backfill-dataset'] as const;

  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly streams: JobStreams,
    private readonly catalogs: CatalogTail,
    private readonly writer: CatalogWriter,
    private readonly live: LiveView,
    runner: JobRunner,
  ) {
    runner.register(this);
  }

  async run(job: DatasetJob, signal: AbortSignal): Promise<void> {
    const { target } = job;
    if (job.kind === 'delete-dataset') await this.deleteFromCatalog(target);
    // What is resent after its fragment has gone must not be taken for a repeat of it.
    await this.live.passed(PROFILE_PROJECTION, target.head, signal);
    let fragments = 0;
    let after = POSITION_START;
    let until = target.head;
    for (let passes = 1; ; passes += 1) {
      const passed = await this.#pass(job, { after, until, before: fragments }, signal);
      fragments += passed.fragments;
      await this.live.passed(PROFILE_PROJECTION, passed.position, signal);
      after = until;
      until = await this.log.head();
      if (passes > 1 && passed.fragments === 0) break;
      if (!(await this.#hasMore(job, until))) break;
    }
    await this.streams.completed(job, { fragments });
  }

  /** May be repeated: a dataset that was made anew is another one. */
  async deleteFromCatalog({ sandbox, sandboxName, dataset: id, createdAt }: DatasetTarget): Promise<Position> {
    const change = await this.writer.changeCatalog({ sandbox: sandboxName }, (catalog) =>
      catalog.sandbox === sandbox && catalog.datasets.get(id)?.createdAt === createdAt
        ? deleteDataset(catalog, { id })
        : unchanged,
    );
    return change.position;
  }

  async #pass(
    job: DatasetJob,
    { after, until, before }: { readonly after: Position; readonly until: Position; readonly before: number },
    signal: AbortSignal,
  ) {
    const { log, clock } = this;
    let toldAt = Number.NEGATIVE_INFINITY;
    const progress = async (position: Position, fragments: number): Promise<void> => {
      if (performance.now() - toldAt < PROGRESS_MILLISECONDS) return;
      const ratio = Math.min(1, log.distance(after, position) / Math.max(1, log.distance(after, until)));
      const phase = job.kind === 'backfill-dataset' ? 'showing' : 'deleting';
      await this.streams.progressed(job, { done: before + fragments, ratio, phase });
      toldAt = performance.now();
    };
    const { id, kind, target } = job;
    return datasetPass({ log, kind, target, id, now: () => clock.now(), signal, progress }, { after, until });
  }

  /**
   * Whether there may be more of what the job is about up to `position`: items of requests that knew the catalog of before.
   * A deletion of data ends where it began; a dataset that is there again, or is disabled, has begun something new.
   */
  async #hasMore(job: DatasetJob, position: Position): Promise<boolean> {
    if (job.kind === 'delete-dataset-data') return false;
    await this.catalogs.waitFor(position);
    const dataset = this.#datasetNow(job);
    if (job.kind === 'delete-dataset') return dataset === undefined;
    return dataset?.enabled === true && dataset.createdAt === job.target.createdAt;
  }

  #datasetNow({ target }: DatasetJob): Dataset | undefined {
    const sandbox = this.catalogs.sandboxes.state.get(target.sandboxName);
    if (sandbox?.sandboxId !== target.sandbox) return undefined;
    return this.catalogs.sandbox(target.sandboxName).datasets.get(target.dataset);
  }
}
