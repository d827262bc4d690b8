import { Injectable } from '@nestjs/common';

import { endFilling, type AttributeStatus } from '#computed-attributes';
import { isTesseraError } from '#core';
import type { ApiJob, AttributeJobKind } from '#projection';
import {
  COMPUTED_ATTRIBUTE_RANGE_FILLED,
  decodeFilledRange,
  IDENTITIES,
  PROFILE_PROJECTION,
  TIMELINE,
  type FilledRange,
} from '#read-models';

import { JobRunner, type JobWork } from '../background-jobs/job-runner.js';
import { JobStreams } from '../background-jobs/job-streams.js';
import { RangePasses } from '../background-jobs/range-pass.js';
import { CatalogTail } from '../catalog/catalog-tail.js';
import { CatalogWriter } from '../catalog/catalog-writer.js';
import { LiveView } from '../common/live-view.js';

/** Events and identities of a range are held while it is folded, which is four times what `keyRanges` reckons with. */
const SHARE = 4;

type FillingJob = ApiJob<AttributeJobKind>;

/**
 * Fills a published attribute in from the events that were there before: range after range of owners, each an event that
 * the projection folds at its place in the log, so that a rebuild does the same. What comes in meanwhile is counted by the
 * fold, and is among what a later range finds.
 */
@Injectable()
export class FillingWork implements JobWork<AttributeJobKind> {
  readonly kinds = ['fill-in-attribute'] as const;

  constructor(
    private readonly passes: RangePasses,
    private readonly streams: JobStreams,
    private readonly catalogs: CatalogTail,
    private readonly writer: CatalogWriter,
    private readonly live: LiveView,
    runner: JobRunner,
  ) {
    runner.register(this);
  }

  async run(job: FillingJob, signal: AbortSignal): Promise<void> {
    try {
      const ranges = await this.#fill(job, signal);
      if (ranges !== undefined) await this.#end(job, 'filled in');
      // After a crash in between it was filled in before, and nobody wants any range.
      await this.streams.completed(job, {
        ...(ranges !== undefined && { ranges }),
        filledIn: this.#status(job) === 'PROCESSED',
      });
    } catch (error) {
      if (!signal.aborted && (!isTesseraError(error) || !error.retryable)) await this.#end(job, 'failed');
      throw error;
    }
  }

  /** Answers the number of ranges; `undefined` when nobody wants the attribute to be filled in any more. */
  #fill(job: FillingJob, signal: AbortSignal): Promise<number | undefined> {
    const { sandbox, attribute } = job.target;
    return this.passes.run(
      {
        job,
        type: COMPUTED_ATTRIBUTE_RANGE_FILLED,
        tell: (keyPrefix): FilledRange => ({ sandbox, attribute, job: job.id, keyPrefix }),
        decode: decodeFilledRange,
        documents: () => this.#documents(),
        isWanted: () => this.#isWanted(job),
        phase: 'filling in',
      },
      signal,
    );
  }

  async #documents(): Promise<number> {
    const reader = await this.live.reader(PROFILE_PROJECTION);
    const counts = await Promise.all([TIMELINE.name, IDENTITIES.name].map((name) => reader.count(name)));
    return Math.ceil(Math.max(...counts) / SHARE);
  }

  /** Not when it was disabled, or published by another job, or went with its sandbox. */
  #isWanted(job: FillingJob): boolean {
    return this.#status(job) === 'PROCESSING';
  }

  /** Of the attribute, as the publishing that asked for the job has left it; `undefined` where there is no such. */
  #status({ id, target }: FillingJob): AttributeStatus | undefined {
    const sandbox = this.catalogs.sandboxes.state.get(target.sandboxName);
    if (sandbox?.sandboxId !== target.sandbox) return undefined;
    const attribute = this.catalogs.attributes(target.sandboxName).get(target.attribute);
    return attribute?.job === id ? attribute.status : undefined;
  }

  async #end(job: FillingJob, end: 'filled in' | 'failed'): Promise<void> {
    if (!this.#isWanted(job)) return;
    const { sandboxName, attribute: name } = job.target;
    await this.writer.changeAttributes({ sandbox: sandboxName }, (state) =>
      endFilling(state, { name, job: job.id, end }),
    );
  }
}
