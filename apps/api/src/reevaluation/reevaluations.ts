import { hash } from 'node:crypto';

import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';

import { isTesseraError, laterOf, type Position, type SandboxId } from '#core';
import type { EventLogReader } from '#event-log';
import type { Logger } from '#observability';
import type { SandboxJobKind } from '#projection';

import { JobRunner } from '../background-jobs/job-runner.js';
import { JobStreams } from '../background-jobs/job-streams.js';
import { CatalogTail, type SandboxRequest } from '../catalog/catalog-tail.js';
import { EVENT_LOG, LOGGER } from '../common/ports.js';
import type { RequestedJob } from '../jobs/request-job.handler.js';

/**
 * Asks for the profiles of a sandbox to be folded again, by rules that were changed. Each version of the rules has one job,
 * whose id follows from it: so a process that died between a change and its job leaves nothing that a later start does not
 * ask for.
 */
@Injectable()
export class Reevaluations implements OnApplicationBootstrap {
  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLogReader,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly catalogs: CatalogTail,
    private readonly streams: JobStreams,
    private readonly runner: JobRunner,
  ) {}

  /** What was changed and never asked for. A log that is away now is asked at the next start. */
  async onApplicationBootstrap(): Promise<void> {
    try {
      const position = await this.log.head();
      for (const sandbox of this.catalogs.sandboxes.state.keys()) {
        for (const kind of ['apply-identity-settings', 'apply-merge-policy'] as const) {
          if (this.#version(kind, sandbox) > 0) await this.request(kind, { sandbox }, position);
        }
      }
    } catch (error) {
      this.logger.warn({ err: error }, 'whether profiles follow all rules could not be seen to');
    }
  }

  /** The job of the rules that now stand; it is there already when somebody else was first. `changedAt`: of the change. */
  async request(
    kind: SandboxJobKind,
    { sandbox: sandboxName }: Pick<SandboxRequest, 'sandbox'>,
    changedAt: Position,
  ): Promise<RequestedJob> {
    const { sandbox } = this.catalogs.sandbox(sandboxName);
    const id = jobId(kind, sandbox, this.#version(kind, sandboxName));
    try {
      const { job, position } = await this.streams.request(kind, { sandbox, sandboxName, head: changedAt }, id);
      this.runner.enqueue(job);
      return { job: id, position: laterOf(position, changedAt) };
    } catch (error) {
      if (!isTesseraError(error, 'CONCURRENT_CHANGE')) throw error;
      return { job: id, position: changedAt };
    }
  }

  #version(kind: SandboxJobKind, sandbox: string): number {
    const { identitySettings, defaultMerge } = this.catalogs.sandbox(sandbox);
    return kind === 'apply-identity-settings' ? identitySettings.version : defaultMerge.revision;
  }
}

function jobId(kind: SandboxJobKind, sandbox: SandboxId, version: number): string {
  return hash('sha256', `${kind} ${sandbox} ${String(version)}`, 'hex').slice(0, 32);
}
