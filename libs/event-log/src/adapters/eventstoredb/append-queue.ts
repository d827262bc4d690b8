import type { BinaryEventData } from '@eventstore/db-client';

import type { TesseraError } from '#core';

import type { ExpectedRevision, WriteOutcome } from '../../event-log.js';

/** A group may hold so many bytes: the server takes 1,048,576 in an append, and counts more than the data. */
const MAX_GROUP_BYTES = 900_000;

/** How a write ended: as the port says, or with nothing written and the reason. */
export type Settled = WriteOutcome | { readonly outcome: 'failed'; readonly error: TesseraError };

/** A write that waits for its turn. */
export interface QueuedWrite {
  readonly expected: ExpectedRevision;
  readonly events: readonly BinaryEventData[];
  readonly bytes: number;
  /** Milliseconds since the epoch: when it was called. */
  readonly since: number;
  readonly settle: (settled: Settled) => void;
}

/** Writes that one append carries: only the first may expect something of the stream. */
export interface WriteGroup {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly writes: readonly QueuedWrite[];
  readonly bytes: number;
}

/** What comes back from a group: where the stream is now, if known, and writes that must be appended anew. */
export interface GroupResult {
  readonly revision?: number | undefined;
  readonly again?: readonly QueuedWrite[];
}

/** Appends a group; `revision` is where the stream was a moment ago, when that is known. Never throws. */
export type AppendGroup = (group: WriteGroup, revision: number | undefined) => Promise<GroupResult>;

type Job =
  | { readonly kind: 'write'; readonly write: QueuedWrite }
  | { readonly kind: 'task'; readonly run: () => Promise<void> };

/** What is to be done with each stream, in the order of the calls: one thing at a time per stream. */
export class AppendQueue {
  readonly #streams = new Map<string, Job[]>();
  #whenIdle: (() => void)[] = [];

  constructor(private readonly append: AppendGroup) {}

  write(stream: string, write: QueuedWrite): void {
    this.#add(stream, { kind: 'write', write });
  }

  /** Runs a task between the writes before it and those after it. */
  async task<T>(stream: string, task: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const run = (): Promise<void> => task().then(resolve, reject);
      this.#add(stream, { kind: 'task', run });
    });
  }

  async idle(): Promise<void> {
    if (this.#streams.size > 0) await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }

  #add(stream: string, job: Job): void {
    const jobs = this.#streams.get(stream);
    if (jobs !== undefined) {
      jobs.push(job);
      return;
    }
    const begun = [job];
    this.#streams.set(stream, begun);
    // Later, so that what is called in the same turn goes together.
    queueMicrotask(() => void this.#work(stream, begun));
  }

  async #work(stream: string, jobs: Job[]): Promise<void> {
    let revision: number | undefined;
    for (let job = jobs[0]; job !== undefined; job = jobs[0]) {
      if (job.kind === 'task') {
        jobs.shift();
        await job.run();
        revision = undefined;
        continue;
      }
      const result = await this.append(takeGroup(stream, jobs), revision);
      revision = result.revision;
      jobs.unshift(...(result.again ?? []).map((write): Job => ({ kind: 'write', write })));
    }
    this.#streams.delete(stream);
    if (this.#streams.size > 0) return;
    for (const idle of this.#whenIdle.splice(0)) idle();
  }
}

/** The first write and as many behind it as one append can carry. */
function takeGroup(stream: string, jobs: Job[]): WriteGroup {
  const writes: QueuedWrite[] = [];
  let bytes = 0;
  for (const job of jobs) {
    if (job.kind !== 'write') break;
    const { write } = job;
    const fits = write.expected === 'any' && bytes + write.bytes <= MAX_GROUP_BYTES;
    if (writes.length > 0 && !fits) break;
    writes.push(write);
    bytes += write.bytes;
  }
  jobs.splice(0, writes.length);
  return { stream, expected: writes[0]?.expected ?? 'any', writes, bytes };
}
