import { Inject, Injectable } from '@nestjs/common';

import type { Position } from '#core';
import type { EventLogReader, RecordedEvent } from '#event-log';
import { jobStream, type ApiJob } from '#projection';
import { PROFILE_PROJECTION } from '#read-models';

import { LiveView } from '../common/live-view.js';
import { EVENT_LOG } from '../common/ports.js';
import { JobStreams } from './job-streams.js';
import { keyRanges } from './key-ranges.js';

const PROGRESS_MILLISECONDS = 1_000;
/** Ranges that are told before the first of them is waited for: so the fold need not wait for this process. */
const AHEAD = 8;

export interface RangePass {
  readonly job: ApiJob;
  /** Of the event that tells the projection of a range. */
  readonly type: string;
  /** Its data. */
  readonly tell: (keyPrefix: string) => { readonly keyPrefix: string };
  /** Throws a `TypeError` for what no job has written. */
  readonly decode: (data: string) => { readonly keyPrefix: string };
  /** How many documents are to be gone through. */
  readonly documents: () => Promise<number>;
  /** Asked before each range: whether anybody still wants it. */
  readonly isWanted: () => boolean;
  /** What the job is doing, in a word. */
  readonly phase: string;
}

interface ToldRange {
  readonly keyPrefix: string;
  readonly position: Position;
}

/**
 * Goes through all keys range after range: each is an event in the stream of the job, which the projection of profiles
 * folds at its place in the log. So new items go on in between, a rebuild does the same, and after a crash the stream of
 * the job says how far it has come.
 */
@Injectable()
export class RangePasses {
  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLogReader,
    private readonly streams: JobStreams,
    private readonly live: LiveView,
  ) {}

  /**
   * Resolves once the last range is visible, to the number of ranges; to `undefined` when nobody wants them any more.
   * Throws what may pass, or the reason of `signal`.
   */
  async run(pass: RangePass, signal: AbortSignal): Promise<number | undefined> {
    const { job, type, phase } = pass;
    await this.live.passed(PROFILE_PROJECTION, job.target.head, signal);
    const before = await this.#told(pass);
    const ranges = keyRanges(await pass.documents(), before.at(-1)?.keyPrefix.length);
    const open: Position[] = [];
    // Those that were told before a crash need not be folded yet.
    let last = before.at(-1)?.position;
    let toldAt = Number.NEGATIVE_INFINITY;
    for (const [index, keyPrefix] of ranges.entries()) {
      if (index < before.length) continue;
      signal.throwIfAborted();
      if (!pass.isWanted()) return undefined;
      last = await this.streams.tell(job, type, pass.tell(keyPrefix));
      open.push(last);
      const first = open.length > AHEAD ? open.shift() : undefined;
      if (first !== undefined) await this.live.passed(PROFILE_PROJECTION, first, signal);
      const done = index + 1 - open.length;
      // The first that is done is told at once: that the job goes on shows soon after it has begun.
      if (done === 0 || performance.now() - toldAt < PROGRESS_MILLISECONDS) continue;
      await this.streams.progressed(job, { done, ratio: done / ranges.length, phase });
      toldAt = performance.now();
    }
    if (last !== undefined) await this.live.passed(PROFILE_PROJECTION, last, signal);
    return pass.isWanted() ? ranges.length : undefined;
  }

  /** The ranges that were told before a crash, in order. */
  async #told({ job, type, decode }: RangePass): Promise<readonly ToldRange[]> {
    const told: ToldRange[] = [];
    for (let from: number | undefined = 0; from !== undefined;) {
      const slice: { readonly events: readonly RecordedEvent[]; readonly next?: number | undefined } =
        await this.log.readStream(jobStream(job.id), { from });
      for (const { type: is, data, position } of slice.events) {
        if (is === type) told.push({ keyPrefix: decode(data).keyPrefix, position });
      }
      from = slice.next;
    }
    return told;
  }
}
