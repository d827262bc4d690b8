import { Inject, Injectable } from '@nestjs/common';

import type { EventLogReader } from '#event-log';
import { jobStream, type ApiJob, type SandboxJobKind } from '#projection';
import {
  decodeReevaluation,
  PROFILE_PROJECTION,
  PROFILES,
  PROFILES_REEVALUATED,
  type ProfilesReevaluated,
} from '#read-models';

import { JobRunner, type JobWork } from '../background-jobs/job-runner.js';
import { JobStreams } from '../background-jobs/job-streams.js';
import { LiveView } from '../common/live-view.js';
import { EVENT_LOG } from '../common/ports.js';
import { keyRanges } from './key-ranges.js';

const PROGRESS_MILLISECONDS = 1_000;

type ReevaluationJob = ApiJob<SandboxJobKind>;

/**
 * Lets profiles that were folded by older rules be folded by the present ones: range after range of their keys, each an
 * event that the projection folds at its place in the log, so that new items go on in between and a rebuild does the same.
 * What an item touches meanwhile is folded by the present rules anyway.
 */
@Injectable()
export class ReevaluationWork implements JobWork<SandboxJobKind> {
  readonly kinds = ['apply-identity-settings', 'apply-merge-policy'] as const;

  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLogReader,
    private readonly streams: JobStreams,
    private readonly live: LiveView,
    runner: JobRunner,
  ) {
    runner.register(this);
  }

  async run(job: ReevaluationJob, signal: AbortSignal): Promise<void> {
    const { sandbox, head } = job.target;
    await this.live.passed(PROFILE_PROJECTION, head, signal);
    const reader = await this.live.reader(PROFILE_PROJECTION);
    const before = await this.#done(job);
    const ranges = keyRanges(await reader.count(PROFILES.name), before.at(-1)?.keyPrefix.length);
    // The first range is told of at once: where the job is shows soon after it has begun.
    const toldAt = { at: Number.NEGATIVE_INFINITY };
    for (const [index, keyPrefix] of ranges.entries()) {
      if (index < before.length) continue;
      signal.throwIfAborted();
      const range: ProfilesReevaluated = { sandbox, keyPrefix };
      const position = await this.streams.tell(job, PROFILES_REEVALUATED, range);
      await this.live.passed(PROFILE_PROJECTION, position, signal);
      if (performance.now() - toldAt.at < PROGRESS_MILLISECONDS) continue;
      const done = index + 1;
      await this.streams.progressed(job, { done, ratio: done / ranges.length, phase: 'evaluating' });
      toldAt.at = performance.now();
    }
    await this.streams.completed(job, { ranges: ranges.length });
  }

  /** The ranges that were told before a crash, in order. */
  async #done(job: ReevaluationJob): Promise<readonly ProfilesReevaluated[]> {
    const done: ProfilesReevaluated[] = [];
    for (let from: number | undefined = 0; from !== undefined;) {
      const slice = await this.log.readStream(jobStream(job.id), { from });
      for (const { type, data } of slice.events) {
        if (type === PROFILES_REEVALUATED) done.push(decodeReevaluation(data));
      }
      from = slice.next;
    }
    return done;
  }
}
