import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';

import { isTesseraError } from '#core';
import type { EventLogReader } from '#event-log';
import type { Logger } from '#observability';
import { backOff, JOBS, JOBS_PROJECTION, OPEN_TO_API, type ApiJob, type ApiJobKind } from '#projection';

import { LiveView } from '../common/live-view.js';
import { EVENT_LOG, LOGGER } from '../common/ports.js';
import { JobStreams } from './job-streams.js';

/** Open jobs that are taken up at the start. They are asked for by hand: more than a few never wait. */
const MOST_OPEN = 10_000;

/** How jobs of some kinds are done. */
export interface JobWork<Kind extends ApiJobKind> {
  readonly kinds: readonly Kind[];
  /**
   * Does a job from its beginning, or again after a crash: what was done before is recognised. Throws what may pass (an
   * error of the log or of the views), or the reason of `signal`.
   */
  run(job: ApiJob<Kind>, signal: AbortSignal): Promise<void>;
}

interface Queue {
  readonly work: JobWork<ApiJobKind>;
  last: Promise<void>;
}

/**
 * Brings jobs to their ends in the background, those of one work one after another; those of before a restart first.
 * Where several processes serve, each takes up at its start what is open: a job that two of them do comes to the same.
 */
@Injectable()
export class JobRunner implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #stopping = new AbortController();
  readonly #taken = new Set<string>();
  readonly #queues = new Map<ApiJobKind, Queue>();
  #resuming: Promise<void> = Promise.resolve();

  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLogReader,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly live: LiveView,
    private readonly streams: JobStreams,
  ) {}

  /** Before the application has started: jobs are taken up then. */
  register<Kind extends ApiJobKind>(work: JobWork<Kind>): void {
    const queue: Queue = { work: work, last: Promise.resolve() };
    for (const kind of work.kinds) this.#queues.set(kind, queue);
  }

  onApplicationBootstrap(): void {
    this.#resuming = this.#resume();
  }

  /** What is under way stops before its next append, and is taken up at the next start. */
  async onModuleDestroy(): Promise<void> {
    this.#stopping.abort();
    await this.#resuming;
    await Promise.all([...this.#queues.values()].map(({ last }) => last));
  }

  enqueue(job: ApiJob): void {
    const queue = this.#queues.get(job.kind);
    // Of a later release, which knew more kinds.
    if (queue === undefined || this.#taken.has(job.id)) return;
    this.#taken.add(job.id);
    queue.last = queue.last.then(async () => {
      await this.#bringToEnd(queue.work, job);
      this.#taken.delete(job.id);
    });
  }

  /** Never rejects. What may pass is tried again, from the beginning: what was done is recognised. */
  async #bringToEnd(work: JobWork<ApiJobKind>, job: ApiJob): Promise<void> {
    const { signal } = this.#stopping;
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      try {
        await work.run(job, signal);
        return;
      } catch (error) {
        if (this.#stopping.signal.aborted) return;
        this.logger.warn({ err: error, job: job.id, attempt }, 'a job is held up');
        if (!mayPass(error) && (await this.#fail(job, error))) return;
      }
      await backOff(attempt, signal);
    }
  }

  /** False when even that could not be written. */
  async #fail(job: ApiJob, error: unknown): Promise<boolean> {
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
        const jobs = open.map(({ body }) => JSON.parse(body) as ApiJob);
        for (const job of jobs.sort((one, other) => one.requestedAt - other.requestedAt)) this.enqueue(job);
        return;
      } catch (error) {
        this.logger.debug({ err: error, attempt }, 'open jobs cannot be read yet');
      }
      await backOff(attempt, signal);
    }
  }
}

function mayPass(error: unknown): boolean {
  return isTesseraError(error) && error.retryable;
}
