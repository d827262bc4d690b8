import type { Clock } from '#core';

import type { JobProgress } from './jobs.js';

const REPORT_MILLISECONDS = 1_000;

/** Tells how far a job is, about once a second, and how long it will take at the pace so far. */
export class ProgressReport {
  readonly #startedAt: number;
  #reportedAt: number;

  constructor(
    private readonly clock: Clock,
    private readonly send: (progress: JobProgress) => void,
  ) {
    this.#startedAt = clock.now();
    this.#reportedAt = this.#startedAt;
  }

  /** `ratio` is 0 to 1, where it is known. */
  update(phase: string, done: number, ratio?: number): void {
    const now = this.clock.now();
    if (now - this.#reportedAt < REPORT_MILLISECONDS) return;
    this.#reportedAt = now;
    const known = ratio !== undefined && ratio > 0 ? { ratio, remainingSeconds: this.#remaining(now, ratio) } : {};
    this.send({ phase, done, ...known });
  }

  get elapsedSeconds(): number {
    return (this.clock.now() - this.#startedAt) / 1_000;
  }

  #remaining(now: number, ratio: number): number {
    return Math.max(0, Math.round(((now - this.#startedAt) / 1_000 / ratio) * (1 - ratio)));
  }
}
