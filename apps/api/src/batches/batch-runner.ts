import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';

import { failBatch, isOpen, type Batch } from '#batch';
import { isTesseraError, type SandboxId } from '#core';
import type { EventLogReader } from '#event-log';
import type { Logger } from '#observability';
import { backOff } from '#projection';
import { BATCHES, BATCHES_PROJECTION } from '#read-models';

import { LiveView } from '../common/live-view.js';
import { EVENT_LOG, LOGGER } from '../common/ports.js';
import { BatchStreams } from './batch-streams.js';
import { BatchWork } from './batch-work.js';
import { Spool } from './spool.js';

export interface BatchName {
  readonly sandbox: SandboxId;
  readonly id: string;
}

/** A second one lets a short file pass a long one; all share the one event loop. */
const AT_A_TIME = 2;
/** Open batches of one spool: it holds only so many files. */
const MOST_OPEN = 10_000;

/** Brings batches to their ends in the background, in the order in which they came; those of before a restart first. */
@Injectable()
export class BatchRunner implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #waiting: BatchName[] = [];
  readonly #running = new Map<string, { readonly stop: AbortController; readonly ended: Promise<void> }>();
  readonly #stopping = new AbortController();
  #resuming: Promise<void> = Promise.resolve();

  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLogReader,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly live: LiveView,
    private readonly streams: BatchStreams,
    private readonly work: BatchWork,
    private readonly spool: Spool,
  ) {}

  onApplicationBootstrap(): void {
    // What arrives from now on is not left over.
    const left = this.spool.files();
    this.#resuming = this.#resume(left).catch((error: unknown) => {
      if (!this.#stopping.signal.aborted) this.logger.error({ err: error }, 'open batches could not be taken up');
    });
  }

  /** What is under way stops at the next slice, and is taken up at the next start. */
  async onModuleDestroy(): Promise<void> {
    this.#stopping.abort();
    for (const { stop } of this.#running.values()) stop.abort();
    await this.#resuming;
    await Promise.all([...this.#running.values()].map(({ ended }) => ended));
  }

  enqueue(name: BatchName): void {
    this.#waiting.push(name);
    this.#next();
  }

  /** Somebody has ended the batch: lets go of it and of its file. Resolves when that is done. */
  async letGo({ id }: BatchName): Promise<void> {
    const waiting = this.#waiting.findIndex((name) => name.id === id);
    if (waiting >= 0) this.#waiting.splice(waiting, 1);
    const running = this.#running.get(id);
    running?.stop.abort();
    await running?.ended;
    await this.spool.remove(id);
  }

  #next(): void {
    while (this.#running.size < AT_A_TIME && !this.#stopping.signal.aborted) {
      const name = this.#waiting.shift();
      if (name === undefined) return;
      const stop = new AbortController();
      const ended = this.#bringToEnd(name, stop.signal).finally(() => {
        this.#running.delete(name.id);
        this.#next();
      });
      this.#running.set(name.id, { stop, ended });
    }
  }

  /** Never rejects. What may pass is tried again, from the last note of the second pass. */
  async #bringToEnd(name: BatchName, signal: AbortSignal): Promise<void> {
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      if (await this.#attempt(name, attempt, signal)) return;
      await backOff(attempt, signal);
    }
  }

  /** True when there is nothing left to do here. */
  async #attempt({ sandbox, id }: BatchName, attempt: number, signal: AbortSignal): Promise<boolean> {
    try {
      await this.work.run(await this.streams.get(sandbox, id), signal);
      await this.spool.remove(id);
      return true;
    } catch (error) {
      if (signal.aborted) return true;
      if (!mayPass(error)) return this.#fail({ sandbox, id }, error);
      this.logger.warn({ err: error, batch: id, attempt }, 'a batch is held up and tried again');
      return false;
    }
  }

  /** False when even that could not be written. */
  async #fail({ sandbox, id }: BatchName, error: unknown): Promise<boolean> {
    const known = isTesseraError(error);
    if (!known) this.logger.error({ err: error, batch: id }, 'a batch failed');
    const code = known ? error.code : 'INTERNAL';
    const message = known ? error.message : 'Something went wrong inside. The log of the service has it.';
    try {
      const at = await this.streams.get(sandbox, id);
      if (isOpen(at.state)) await this.streams.change(at, (batch) => failBatch(batch, code, message));
      await this.spool.remove(id);
      return true;
    } catch (cause) {
      this.logger.warn({ err: cause, batch: id }, 'the failure of a batch could not be recorded yet');
      return isTesseraError(cause, 'BATCH_NOT_FOUND');
    }
  }

  /** Those of this spool: another process has the files of the others. `left`: files from before the start. */
  async #resume(left: readonly string[]): Promise<void> {
    const open = (await this.#open()).filter(({ spool }) => spool === this.spool.id);
    const waiting = new Set([...this.#running.keys(), ...this.#waiting.map(({ id }) => id)]);
    for (const { sandbox, id } of open) if (!waiting.has(id)) this.enqueue({ sandbox, id });
    const wanted = new Set(open.map(({ id }) => id));
    // Their batches have ended, or never began: the process died between the file and the first event.
    for (const id of left) if (!wanted.has(id)) await this.spool.remove(id);
  }

  async #open(): Promise<readonly Batch[]> {
    const { signal } = this.#stopping;
    const head = await this.log.head();
    for (let attempt = 0; ; attempt += 1) {
      signal.throwIfAborted();
      try {
        const reader = await this.live.readerAt(BATCHES_PROJECTION, head);
        const documents = await reader.scan(BATCHES.name, { index: 'by_open', equals: [1], limit: MOST_OPEN });
        const batches = documents.map(({ body }) => JSON.parse(body) as Batch);
        return batches.sort((one, other) => one.startedAt - other.startedAt);
      } catch (error) {
        if (!mayPass(error)) throw error;
        await backOff(attempt, signal);
      }
    }
  }
}

/** Also when somebody else has moved the batch on: then it is looked at anew. */
function mayPass(error: unknown): boolean {
  return isTesseraError(error) && error.retryable;
}
