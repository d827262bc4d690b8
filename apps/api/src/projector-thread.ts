import { Worker } from 'node:worker_threads';

import type { EngineShare } from '#engines';
import type { Logger, LogLevel } from '#observability';
import { backOff } from '#projection';

import type { ProjectorStatus } from './common/projector-status.js';

/** The entry of apps/projector as built: apps share files, not imports. */
export const PROJECTOR_ENTRY = new URL('../../projector/src/worker.js', import.meta.url);
/** A page under way takes well under a second; a projector that needs longer hangs. */
const STOP_MILLISECONDS = 10_000;
/** Who ran for so long starts again without a pause when it dies. */
const SETTLED_MILLISECONDS = 60_000;

/** What the thread tells. */
type Message =
  /** It projects. */
  | { readonly type: 'ready' }
  /** It would, but the projector of another process does. */
  | { readonly type: 'standby' }
  /** It does not, for a reason that passes. */
  | { readonly type: 'down'; readonly reason: string }
  /** It does not, or only in part. */
  | { readonly type: 'failed'; readonly code: string; readonly message: string };

export interface ProjectorThreadOptions {
  readonly entry: URL;
  readonly namingSecretHex: string;
  readonly logLevel: LogLevel;
  readonly logger: Logger;
  /** The engines, anew for every start. */
  readonly share: () => EngineShare;
}

/** The projector in a thread of its own. When it dies it is started again, after a pause that grows. */
export class ProjectorThread implements ProjectorStatus {
  readonly #stopping = new AbortController();
  #worker: Worker | undefined;
  #running: Promise<void> = Promise.resolve();
  #down: string | undefined = 'the projector is starting';

  constructor(private readonly options: ProjectorThreadOptions) {}

  notRunning(): string | undefined {
    return this.#down;
  }

  /** Resolves when the first attempt has come up or failed; a failed one is repeated behind the scenes. */
  start(): Promise<void> {
    return new Promise((tried) => {
      this.#running = this.#keepRunning(tried);
    });
  }

  /** Lets it finish its page; one that does not is ended. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#down = 'the projector is stopping';
    const worker = this.#worker;
    worker?.postMessage({ type: 'stop' });
    const timer = setTimeout(() => void worker?.terminate(), STOP_MILLISECONDS);
    await this.#running;
    clearTimeout(timer);
  }

  async #keepRunning(tried: () => void): Promise<void> {
    const { logger } = this.options;
    const { signal } = this.#stopping;
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      const startedAt = performance.now();
      const reason = await this.#runOnce(tried).catch(messageOf);
      tried();
      if (isAborted(signal)) return;
      this.#down = `the projector has stopped and is started again: ${reason}`;
      logger.error({ reason, attempt }, 'the projector has stopped');
      if (performance.now() - startedAt > SETTLED_MILLISECONDS) attempt = 0;
      await backOff(attempt, signal);
    }
  }

  /** Resolves when the thread has ended, with the reason. */
  #runOnce(tried: () => void): Promise<string> {
    const { entry, logger, share, namingSecretHex, logLevel } = this.options;
    return new Promise((ended) => {
      const engines = share();
      const workerData = { engines, namingSecretHex, logLevel };
      const transferList = engines.logPort === undefined ? [] : [engines.logPort];
      const worker = new Worker(entry, { workerData, transferList });
      this.#worker = worker;
      let ready = false;
      let reason: string | undefined;
      worker.on('message', (message: Message) => {
        if (message.type === 'ready' || message.type === 'standby') {
          ready = true;
          if (!this.#stopping.signal.aborted) this.#down = undefined;
          tried();
          return;
        }
        if (message.type === 'down') {
          if (!this.#stopping.signal.aborted) this.#down = `the projector waits: ${message.reason}`;
          tried();
          return;
        }
        reason = `${message.message} (${message.code})`;
        this.#down = `the projector has failed: ${reason}`;
        logger.error({ reason }, 'the projector has failed');
        // One that came up goes on with its other projections, and a restart would meet the same event again.
        if (!ready) void worker.terminate();
      });
      worker.on('error', (error: unknown) => {
        reason ??= messageOf(error);
      });
      worker.on('exit', (code) => ended(reason ?? `its thread ended with code ${code}`));
    });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Asked anew: the compiler takes the answer of before the wait for granted. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
