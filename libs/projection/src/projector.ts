import { isTesseraError, systemClock, TesseraError, type Clock, type JsonObject, type Position } from '#core';
import type { EventLog } from '#event-log';
import type { ReadStore } from '#read-store';

import { backOff } from './back-off.js';
import { jobEvent, JOB_COMPLETED, JOB_FAILED, JOB_PROGRESSED, jobStream, type Job, type JobEvent } from './jobs.js';
import { JOBS, JOBS_PROJECTION, jobsProjection, OPEN_TO_PROJECTOR } from './jobs.projection.js';
import { LiveProjection } from './live-projection.js';
import type { AnyProjection } from './projection.js';
import { rebuild, verify, type RebuildContext } from './rebuild.js';
import { ProjectionRunner } from './runner.js';
import { beginBuilding, foldVersionOf, register, switchTo } from './versions.js';

export interface ProjectorOptions {
  readonly log: EventLog;
  readonly store: ReadStore;
  readonly projections: readonly AnyProjection[];
  /** Mints event ids. */
  readonly newId: () => string;
  readonly clock?: Clock;
  /** Epoch of the lease under which this projector works; 0 without a lease. */
  readonly token?: number;
  readonly report?: (message: string, details: JsonObject, error?: unknown) => void;
  /** A projection stopped for good; with `FENCED` because another projector has taken over. */
  readonly onFailed?: (projection: string, error: unknown) => void;
}

/** Runs every projection live, and the jobs that concern projections, one after another. */
export class Projector {
  readonly #live = new Map<string, LiveProjection>();
  readonly #abort = new AbortController();
  readonly #clock: Clock;
  #starting: Promise<void> = Promise.resolve();
  #jobs: Promise<void> = Promise.resolve();
  #wake: () => void = () => undefined;

  constructor(private readonly options: ProjectorOptions) {
    this.#clock = options.clock ?? systemClock;
  }

  /** Resolves when every projection may write; they catch up behind. */
  start(): Promise<void> {
    const started = this.#start();
    this.#starting = started.catch(() => undefined);
    return started;
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    this.#wake();
    await this.#starting;
    await Promise.all([...this.#live.values()].map((live) => live.stop()));
    await this.#jobs;
  }

  async #start(): Promise<void> {
    for (const projection of [...this.options.projections, jobsProjection]) {
      const version = await this.#versionToRun(projection);
      if (this.#abort.signal.aborted) return;
      const live = this.#liveOf(projection);
      this.#live.set(projection.name, live);
      await live.start(version);
    }
    this.#jobs = this.#runJobs();
  }

  #liveOf(projection: AnyProjection): LiveProjection {
    const { log, store, token, report, onFailed } = this.options;
    const { name } = projection;
    return new LiveProjection({
      log,
      store,
      projection,
      ...(token !== undefined && { token }),
      onCommitted: () => {
        if (name === JOBS_PROJECTION) this.#wake();
      },
      onRetry: (error) => report?.('a projection tries again', { projection: name, code: error.code }, error),
      onFailed: (error) => {
        report?.('a projection has stopped', { projection: name }, error);
        onFailed?.(name, error);
      },
    });
  }

  /**
   * The active version, unless another release of the fold filled it: then a new one is begun, which readers get once it
   * has caught up. Until then they have the old one, standing still.
   */
  async #versionToRun(projection: AnyProjection): Promise<number> {
    const { store, log, token } = this.options;
    const entry = await register(store, projection.name, projection.version);
    if (foldVersionOf(entry.active) === projection.version) return entry.active;
    const version = await beginBuilding(store, projection.name, projection.version);
    const target = { projection: projection.name, version };
    this.options.report?.('the fold changed: its view is built anew', target);
    const runner = new ProjectionRunner({ log, store, projection, version: target, poison: 'park', token });
    await runner.open();
    await runner.run(this.#abort.signal, await log.head());
    if (!this.#abort.signal.aborted) await switchTo(store, target);
    return version;
  }

  /** Job after job until it is stopped. A job that an engine's absence breaks off stays open, and is taken up again. */
  async #runJobs(): Promise<void> {
    const { signal } = this.#abort;
    let known = false;
    for (let attempt = 0; !signal.aborted;) {
      try {
        // Jobs that ended before a restart must be known as ended before one is taken.
        if (!known) await this.#queue.reached(await this.options.log.head());
        known = true;
        await this.#runNextJob();
        attempt = 0;
      } catch (error) {
        if (this.#abort.signal.aborted) return;
        this.options.report?.('the jobs wait for an engine', {}, error);
        await backOff(attempt, signal);
        attempt += 1;
      }
    }
  }

  async #runNextJob(): Promise<void> {
    const changed = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    const reader = this.options.store.reader({ projection: JOBS_PROJECTION, version: this.#queue.version });
    const [next] = await reader.scan(JOBS.name, { index: 'by_open', equals: [OPEN_TO_PROJECTOR], limit: 1 });
    if (this.#abort.signal.aborted) return;
    await (next === undefined ? changed : this.#runJob(JSON.parse(next.body) as Job));
  }

  /** Throws, and leaves the job open, when an engine is away. */
  async #runJob(job: Job): Promise<void> {
    try {
      await this.#appendTo(job, { type: JOB_PROGRESSED, data: { phase: 'starting', done: 0 } });
      const result = await this.#perform(job);
      await this.#appendTo(job, { type: JOB_COMPLETED, data: { at: this.#clock.now(), result } });
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      if (isTesseraError(error) && error.retryable) throw error;
      const code = isTesseraError(error) ? error.code : 'INTERNAL';
      const message = error instanceof Error ? error.message : String(error);
      this.options.report?.('a job failed', { job: job.id, kind: job.kind }, error);
      await this.#appendTo(job, { type: JOB_FAILED, data: { at: this.#clock.now(), code, message } });
    }
  }

  async #perform(job: Job): Promise<JsonObject> {
    const { log, store, projections } = this.options;
    const projection = projections.find(({ name }) => name === job.projection);
    const live = this.#live.get(job.projection);
    if (projection === undefined || live === undefined)
      throw new TesseraError('PROJECTION_NOT_FOUND', `There is no projection ${job.projection}.`);
    const context: RebuildContext = {
      log,
      store,
      clock: this.#clock,
      projection,
      live,
      token: this.options.token,
      signal: this.#abort.signal,
      onProgress: (data) => {
        void this.#appendTo(job, { type: JOB_PROGRESSED, data }).catch((error: unknown) => {
          this.options.report?.('the progress of a job could not be kept', { job: job.id }, error);
        });
      },
    };
    switch (job.kind) {
      case 'rebuild':
        return rebuild(context);
      case 'verify':
        return verify(context);
      case 'replay-parked':
        return this.#replayParked(job, live);
      default:
        throw new TesseraError('NOT_SUPPORTED', `The projector does not do ${job.kind}.`);
    }
  }

  /** The event that tells of the replay is the page with which the parked events are folded. */
  async #replayParked(job: Job, live: LiveProjection): Promise<JsonObject> {
    const streams = live.replayParked();
    const position = await this.#appendTo(job, { type: JOB_PROGRESSED, data: { phase: 'folding', done: 0 } });
    await live.reached(position);
    return { streams };
  }

  /** An end is recorded once the job queue has it too, so that the same job is not taken twice. */
  async #appendTo(job: Job, event: JobEvent): Promise<Position> {
    const { log, newId } = this.options;
    const stream = jobStream(job.id);
    const written = await log.append({
      common: {},
      writes: [{ stream, expected: 'any', events: [jobEvent(newId(), event)] }],
    });
    const outcome = written[0];
    if (outcome?.outcome === 'unknown') throw outcome.error;
    if (outcome?.outcome !== 'written') throw new Error(`the job ${job.id} could not be recorded`);
    if (event.type !== JOB_PROGRESSED) await this.#queue.reached(outcome.position);
    return outcome.position;
  }

  get #queue(): LiveProjection {
    return this.#live.get(JOBS_PROJECTION) as LiveProjection;
  }
}
