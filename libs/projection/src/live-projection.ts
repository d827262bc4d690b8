import { isTesseraError, POSITION_START, type Position, type TesseraError } from '#core';
import type { EventLogReader } from '#event-log';
import type { ReadStore } from '#read-store';

import { backOff } from './back-off.js';
import type { AnyProjection } from './projection.js';
import { ProjectionRunner, type CommittedPage } from './runner.js';

export interface LiveOptions {
  readonly log: EventLogReader;
  readonly store: ReadStore;
  readonly projection: AnyProjection;
  /** Epoch of the lease under which it writes. */
  readonly token?: number;
  readonly onCommitted?: (page: CommittedPage) => void;
  readonly onRetry: (error: TesseraError) => void;
  /** It stopped for good: a bug in a fold, or another projector has taken over. */
  readonly onFailed: (error: unknown) => void;
}

interface Waiter {
  readonly position: Position;
  readonly resolve: () => void;
}

/** Keeps one version of a projection up to date, over transient faults, until it is stopped. */
export class LiveProjection {
  #abort = new AbortController();
  #runner: ProjectionRunner<unknown, unknown> | undefined;
  #running: Promise<void> = Promise.resolve();
  #version = 0;
  readonly #waiting = new Set<Waiter>();

  constructor(private readonly options: LiveOptions) {}

  get version(): number {
    return this.#version;
  }

  get position(): Position {
    return this.#runner?.position ?? POSITION_START;
  }

  /** Resolves when it may write its version; folding goes on behind. */
  async start(version: number): Promise<void> {
    this.#abort = new AbortController();
    this.#version = version;
    this.#runner = await this.#open();
    this.#running = this.#run(this.#runner);
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    this.#runner?.resume();
    await this.#running;
    for (const waiter of this.#waiting) this.#release(waiter);
  }

  /** Stands still between two pages; answers where. */
  async pause(): Promise<Position> {
    return this.#runner === undefined ? POSITION_START : this.#runner.pause();
  }

  resume(): void {
    this.#runner?.resume();
  }

  /** Folds what is parked again, with the next page. Answers how many streams that are. */
  replayParked(): number {
    return this.#runner?.replayParked() ?? 0;
  }

  /** Resolves once everything up to `position` is committed; also when the projection is stopped before that. */
  async reached(position: Position): Promise<void> {
    if (this.position >= position || this.#abort.signal.aborted) return;
    await new Promise<void>((resolve) => this.#waiting.add({ position, resolve }));
  }

  #committed(page: CommittedPage): void {
    for (const waiter of this.#waiting) {
      if (waiter.position <= page.position) this.#release(waiter);
    }
    this.options.onCommitted?.(page);
  }

  #release(waiter: Waiter): void {
    this.#waiting.delete(waiter);
    waiter.resolve();
  }

  async #open(): Promise<ProjectionRunner<unknown, unknown>> {
    const { log, store, projection, token, onRetry } = this.options;
    const version = { projection: projection.name, version: this.#version };
    const onCommitted = (page: CommittedPage): void => this.#committed(page);
    const runner = new ProjectionRunner({
      log,
      store,
      projection,
      version,
      poison: 'park',
      token,
      onCommitted,
      onRetry,
    });
    await runner.open();
    // The epoch has just moved: nobody can bring back what was deleted before.
    await store.sweep(version);
    return runner;
  }

  async #run(first: ProjectionRunner<unknown, unknown>): Promise<void> {
    const { signal } = this.#abort;
    let runner = first;
    let from = first.position;
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      try {
        // After a fault it is opened anew, which may fail as well.
        if (attempt > 0) runner = await this.#reopen();
        from = runner.position;
        await runner.run(signal);
      } catch (error) {
        if (!isTesseraError(error) || !error.retryable) {
          this.options.onFailed(error);
          return;
        }
        this.options.onRetry(error);
        if (runner.position > from) attempt = 0;
        from = runner.position;
        await backOff(attempt, signal);
      }
    }
  }

  async #reopen(): Promise<ProjectionRunner<unknown, unknown>> {
    this.#runner = await this.#open();
    return this.#runner;
  }
}
