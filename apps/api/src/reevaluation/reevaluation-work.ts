import { Injectable } from '@nestjs/common';

import type { ApiJob, SandboxJobKind } from '#projection';
import {
  decodeReevaluation,
  PROFILE_PROJECTION,
  PROFILES,
  PROFILES_REEVALUATED,
  type ProfilesReevaluated,
} from '#read-models';

import { JobRunner, type JobWork } from '../background-jobs/job-runner.js';
import { JobStreams } from '../background-jobs/job-streams.js';
import { RangePasses } from '../background-jobs/range-pass.js';
import { CatalogTail } from '../catalog/catalog-tail.js';
import { LiveView } from '../common/live-view.js';

type ReevaluationJob = ApiJob<SandboxJobKind>;

/**
 * Lets profiles that were folded by older rules be folded by the present ones. What an item touches meanwhile is folded by
 * them anyway.
 */
@Injectable()
export class ReevaluationWork implements JobWork<SandboxJobKind> {
  readonly kinds = ['apply-identity-settings', 'apply-merge-policy'] as const;

  constructor(
    private readonly catalogs: CatalogTail,
    private readonly passes: RangePasses,
    private readonly streams: JobStreams,
    private readonly live: LiveView,
    runner: JobRunner,
  ) {
    runner.register(this);
  }

  async run(job: ReevaluationJob, signal: AbortSignal): Promise<void> {
    const { sandbox, sandboxName } = job.target;
    const ranges = await this.passes.run(
      {
        job,
        type: PROFILES_REEVALUATED,
        tell: (keyPrefix): ProfilesReevaluated => ({ sandbox, keyPrefix }),
        decode: decodeReevaluation,
        documents: async () => (await this.live.reader(PROFILE_PROJECTION)).count(PROFILES.name),
        // Nobody sees the profiles of a sandbox that was reset.
        isWanted: () => this.catalogs.sandboxes.state.get(sandboxName)?.sandboxId === sandbox,
        phase: 'evaluating',
      },
      signal,
    );
    await this.streams.completed(job, { ranges: ranges ?? 0 });
  }
}
