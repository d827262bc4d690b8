import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';

import { isTesseraError } from '#core';
import type { EventLogReader } from '#event-log';
import type { Logger } from '#observability';
import { backOff, JOBS, JOBS_PROJECTION, OPEN_TO_API } from '#projection';

import { LiveView } from '../common/live-view.js';
import { EVENT_LOG, LOGGER } from '../common/ports.js';
import { DatasetJobStreams, type DatasetJob } from './dataset-job-streams.js';
import { DatasetWork } from './dataset-work.js';

/** Open jobs that are taken up at the start. They are asked for by hand: more than a few never wait. */
const MOST_OPEN = 10_000;

/**
 * Brings jobs on datasets to their ends in the background, one after another; those of before a restart first. Where
 * several processes serve, each takes up at its start what is open: a job that two of them do comes to the same.
 */
@Injectable()
export class DatasetJobRunner implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #stopping = new AbortController();
  readonly #taken = new Set<string>();
  #last: Promise<void> = Promise.resolve();
  #resuming: Promise<void> = Promise.resolve();

  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLogReader,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly live: LiveView,
    private readonly streams: DatasetJobStreams,
    private readonly work: DatasetWork,
  ) {}

  onApplicationBootstrap(): void {
    this.#resuming = this.#resume();
  }

  /** What is under way stops before its next append, and is taken up at the next start. */
  async onModuleDestroy(): Promise<void> {
    this.#stopping.abort();
    await this.#resuming;
    await this.#last;
  }

  enqueue(job: DatasetJob): void {
    if (this.#taken.has(job.id)) return;
    this.#taken.add(job.id);
    this.#last = this.#last.then(async () => {
      await this.#bringToEnd(job);
      this.#taken.delete(job.id);
    });
  }

  /** Never rejects. What may pass is tried again, from the beginning: what was done is recognised. */
  async #bringToEnd(job: DatasetJob): Promise<void> {
    const { signal } = this.#stopping;
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      try {
        await this.work.run(job, signal);
        return;
      } catch (error) {
        if (this.#stopping.signal.aborted) return;
        this.logger.warn({ err: error, job: job.id, attempt }, 'a job on a dataset is held up');
        if (!mayPass(error) && (await this.#fail(job, error))) return;
      }
      await backOff(attempt, signal);
    }
  }

  /** False when even that could not be written. */
  async #fail(job: DatasetJob, error: unknown): Promise<boolean> {
    const known = isTesseraError(error);
    const code = known ? error.code : 'INTERNAL';
    const message = known ? error.message : 'Something went wrong inside. The log of the service has it.';
    try {
      await this.streams.failed(job, code, message);
      return true;
    } catch (cause) {
      this.logger.warn({ err: cause, job: job.id }, 'the failure of a job could not be recorded yet');
      return false;
    }
  }

  /** Never rejects. Waits for the projector, which has the queue. */
  async #resume(): Promise<void> {
    const { signal } = this.#stopping;
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      try {
        const reader = await this.live.readerAt(JOBS_PROJECTION, await this.log.head());
        const open = await reader.scan(JOBS.name, { index: 'by_open', equals: [OPEN_TO_API], limit: MOST_OPEN });
        const jobs = open.map(({ body }) => JSON.parse(body) as DatasetJob);
        for (const job of jobs.sort((one, other) => one.requestedAt - other.requestedAt)) this.enqueue(job);
        return;
      } catch (error) {
        this.logger.debug({ err: error, attempt }, 'open jobs on datasets cannot be read yet');
      }
      await backOff(attempt, signal);
    }
  }
}

function mayPass(error: unknown): boolean {
  return isTesseraError(error) && error.retryable;
}
