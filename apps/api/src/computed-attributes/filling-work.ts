import { Inject, Injectable } from '@nestjs/common';

import { endFilling } from '#computed-attributes';
import { isTesseraError } from '#core';
import type { EventLogReader } from '#event-log';
import { jobStream, type ApiJob, type AttributeJobKind } from '#projection';
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
import { CatalogTail } from '../catalog/catalog-tail.js';
import { CatalogWriter } from '../catalog/catalog-writer.js';
import { LiveView } from '../common/live-view.js';
import { EVENT_LOG } from '../common/ports.js';
import { keyRanges } from '../reevaluation/key-ranges.js';

const PROGRESS_MILLISECONDS = 1_000;
/** Events and identities of a range are held while it is folded, which is four times what `keyRanges` reckons with. */
const SHARE = 4;
/** Ranges that are told before the first of them is waited for: so the fold need not wait for this process. */
const AHEAD = 8;

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
    @Inject(EVENT_LOG) private readonly log: EventLogReader,
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
      await this.streams.completed(job, { ranges: ranges ?? 0, filledIn: ranges !== undefined });
    } catch (error) {
      if (!signal.aborted && (!isTesseraError(error) || !error.retryable)) await this.#end(job, 'failed');
      throw error;
    }
  }

  /** Answers the number of ranges; `undefined` when nobody wants the attribute to be filled in any more. */
  async #fill(job: FillingJob, signal: AbortSignal): Promise<number | undefined> {
    await this.live.passed(PROFILE_PROJECTION, job.target.head, signal);
    const reader = await this.live.reader(PROFILE_PROJECTION);
    const counts = await Promise.all([TIMELINE.name, IDENTITIES.name].map((name) => reader.count(name)));
    const before = await this.#told(job);
    const ranges = keyRanges(Math.ceil(Math.max(...counts) / SHARE), before.at(-1)?.keyPrefix.length);
    const { sandbox, attribute } = job.target;
    const open: string[] = [];
    let toldAt = performance.now();
    for (const keyPrefix of ranges.slice(before.length)) {
      signal.throwIfAborted();
      if (!this.#isWanted(job)) return undefined;
      const range: FilledRange = { sandbox, attribute, job: job.id, keyPrefix };
      open.push(await this.streams.tell(job, COMPUTED_ATTRIBUTE_RANGE_FILLED, range));
      const first = open.length > AHEAD ? open.shift() : undefined;
      if (first !== undefined) await this.live.passed(PROFILE_PROJECTION, first, signal);
      if (performance.now() - toldAt < PROGRESS_MILLISECONDS) continue;
      const done = ranges.indexOf(keyPrefix) + 1 - open.length;
      await this.streams.progressed(job, { done, ratio: done / ranges.length, phase: 'filling in' });
      toldAt = performance.now();
    }
    const last = open.at(-1);
    if (last !== undefined) await this.live.passed(PROFILE_PROJECTION, last, signal);
    return this.#isWanted(job) ? ranges.length : undefined;
  }

  /** Not when it was disabled, or published by another job, or went with its sandbox. */
  #isWanted({ id, target }: FillingJob): boolean {
    const sandbox = this.catalogs.sandboxes.state.get(target.sandboxName);
    if (sandbox?.sandboxId !== target.sandbox) return false;
    const attribute = this.catalogs.attributes(target.sandboxName).get(target.attribute);
    return attribute?.status === 'PROCESSING' && attribute.job === id;
  }

  async #end(job: FillingJob, end: 'filled in' | 'failed'): Promise<void> {
    if (!this.#isWanted(job)) return;
    const { sandboxName, attribute: name } = job.target;
    await this.writer.changeAttributes({ sandbox: sandboxName }, (state) =>
      endFilling(state, { name, job: job.id, end }),
    );
  }

  /** The ranges that were told before a crash, in order. */
  async #told(job: FillingJob): Promise<readonly FilledRange[]> {
    const told: FilledRange[] = [];
    for (let from: number | undefined = 0; from !== undefined;) {
      const slice = await this.log.readStream(jobStream(job.id), { from });
      for (const { type, data } of slice.events) {
        if (type === COMPUTED_ATTRIBUTE_RANGE_FILLED) told.push(decodeFilledRange(data));
      }
      from = slice.next;
    }
    return told;
  }
}
