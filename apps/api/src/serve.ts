import { randomUUID } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';

import { systemClock, TesseraError } from '#core';
import { isServerAway, openEngines, unencryptedConnections, type Engines } from '#engines';
import { createLogger, HealthServer, Metrics, type Logger } from '#observability';
import { backOff } from '#projection';

import { batchSettings, type ServeConfig } from './common/config.js';
import { toProblem } from './common/problem.js';
import type { ProjectorStatus } from './common/projector-status.js';
import { addressError, HttpApp } from './http-app.js';
import { measuredEventLog } from './metrics/measured-event-log.js';
import { refuseViewsAhead } from './projections/views-ahead.js';
import { PROJECTOR_ENTRY, ProjectorThread } from './projector-thread.js';

export interface RunningService {
  /** Where it listens, such as `http://127.0.0.1:7400`. */
  readonly url: string;
  readonly logger: Logger;
  /** Resolves when the service can no longer do its work and has to be started anew. */
  readonly lost: Promise<Error>;
  /** Finishes what is under way and closes everything; repeatable. */
  stop(): Promise<void>;
}

/**
 * By how many per cent of what is alive the heap of a thread may grow before it is collected. V8 would let it grow
 * fourfold: a saturated load then takes 120 MB more, and is no faster for it (docs/benchmarks.md).
 */
const HEAP_GROWING_PERCENT = 80;

/**
 * Starts the API in this process, with log writer and projector where they belong here, and resolves when requests are
 * served. While a server that it needs is away it says so on the health endpoints and tries again. Throws a coded error
 * that says what to do when it cannot start; nothing stays open then.
 */
export async function startService(config: ServeConfig): Promise<RunningService> {
  // Before the other threads start: the flag is the process's.
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWING_PERCENT}`);
  const logger = createLogger(config.logLevel, 'api');
  for (const warning of unencryptedConnections(config)) logger.warn(warning);
  let waiting: WaitingRoom | undefined;
  try {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await open(config, logger, () => waiting?.close());
      } catch (error) {
        if (!isServerAway(error, config)) throw error;
        logger.warn({ err: error, attempt }, 'an engine is away: the service waits for it');
        waiting ??= await WaitingRoom.open(config);
        waiting.reason = error.message;
        await backOff(attempt, NEVER);
      }
    }
  } finally {
    await waiting?.close();
  }
}

const NEVER = new AbortController().signal;

/** Answers on the port of the service while that waits for its engines. */
class WaitingRoom {
  reason = '';
  #server: HealthServer | undefined;

  static async open({ host, port }: ServeConfig): Promise<WaitingRoom> {
    const room = new WaitingRoom();
    try {
      room.#server = await HealthServer.listen({
        host,
        port,
        reasons: () => [room.reason],
        problem: ([reason]) => toProblem(new TesseraError('NOT_READY', reason ?? ''), randomUUID()),
      });
    } catch (error) {
      throw addressError(error, host, port);
    }
    return room;
  }

  async close(): Promise<void> {
    await this.#server?.close();
    this.#server = undefined;
  }
}

/** One attempt. `beforeListening` frees the port. */
async function open(
  config: ServeConfig,
  logger: Logger,
  beforeListening: () => Promise<void> | undefined,
): Promise<RunningService> {
  const report = (message: string, details: object, error?: unknown): void => {
    if (error === undefined) logger.info(details, message);
    else logger.warn({ ...details, err: error }, message);
  };
  const engines = await openEngines({ settings: config, clock: systemClock, mintId: randomUUID, report });
  const projector = config.projector === 'here' ? projectorThread(config, engines, logger) : undefined;
  let app: HttpApp | undefined;
  const stop = async (): Promise<void> => {
    await app?.close();
    await projector?.stop();
    await engines.close();
  };
  try {
    await refuseViewsAhead(engines.eventLog, engines.readStore);
    app = await HttpApp.create(config, outsideOf(config, engines, projector ?? ELSEWHERE, logger));
    // What needs the engines is done before the port is taken from whoever waits with us.
    await app.init();
    await beforeListening();
    const [url] = await Promise.all([app.listen(config), projector?.start()]);
    let stopped: Promise<void> | undefined;
    return { url, logger, lost: engines.lost, stop: () => (stopped ??= stop()) };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Whether one works is seen from its lease. */
const ELSEWHERE: ProjectorStatus = { notRunning: () => undefined };

function projectorThread(config: ServeConfig, engines: Engines, logger: Logger): ProjectorThread {
  return new ProjectorThread({
    entry: PROJECTOR_ENTRY,
    namingSecretHex: engines.namingSecret.hex,
    logLevel: config.logLevel,
    logger,
    share: () => engines.share(),
  });
}

function outsideOf(config: ServeConfig, engines: Engines, projector: ProjectorStatus, logger: Logger) {
  const metrics = new Metrics();
  return {
    eventLog: measuredEventLog(engines.eventLog, metrics),
    readStore: engines.readStore,
    namingSecret: engines.namingSecret,
    clock: systemClock,
    mintId: randomUUID,
    logger,
    metrics,
    projector,
    batches: batchSettings(config),
  };
}
