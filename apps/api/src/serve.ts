import { randomUUID } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';

import { systemClock } from '#core';
import { openEngines, type Engines } from '#engines';
import { createLogger, Metrics, type Logger } from '#observability';

import { batchSettings, type ServeConfig } from './common/config.js';
import { HttpApp } from './http-app.js';
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
 * Starts API, log writer and projector in this process and resolves when requests are served. Throws a coded error that
 * says what to do when it cannot; nothing stays open then.
 */
export async function startService(config: ServeConfig): Promise<RunningService> {
  // Before the other threads start: the flag is the process's.
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWING_PERCENT}`);
  const logger = createLogger(config.logLevel, 'api');
  const engines = await openEngines({ dataDir: config.dataDir, clock: systemClock, mintId: randomUUID });
  const projector = projectorOf(config, engines, logger);
  let app: HttpApp | undefined;
  const stop = async (): Promise<void> => {
    await app?.close();
    await projector.stop();
    await engines.close();
  };
  try {
    await refuseViewsAhead(engines.eventLog, engines.readStore);
    app = await HttpApp.create(config, outsideOf(config, engines, projector, logger));
    const [url] = await Promise.all([app.listen(config), projector.start()]);
    let stopped: Promise<void> | undefined;
    return { url, logger, lost: engines.lost, stop: () => (stopped ??= stop()) };
  } catch (error) {
    await stop();
    throw error;
  }
}

function projectorOf(config: ServeConfig, engines: Engines, logger: Logger): ProjectorThread {
  return new ProjectorThread({
    entry: PROJECTOR_ENTRY,
    dataDir: config.dataDir,
    namingSecretHex: engines.namingSecret.hex,
    logLevel: config.logLevel,
    logger,
    shareLog: () => engines.shareLog(),
  });
}

function outsideOf(config: ServeConfig, engines: Engines, projector: ProjectorThread, logger: Logger) {
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
