import { randomUUID } from 'node:crypto';

import { systemClock } from '#core';
import { openEngines, type Engines } from '#engines';
import { createLogger, Metrics, type Logger } from '#observability';

import type { ServeConfig } from './common/config.js';
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
 * Starts API, log writer and projector in this process and resolves when requests are served. Throws a coded error that
 * says what to do when it cannot; nothing stays open then.
 */
export async function startService(config: ServeConfig): Promise<RunningService> {
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
    app = await HttpApp.create(config, outsideOf(engines, projector, logger));
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

function outsideOf(engines: Engines, projector: ProjectorThread, logger: Logger) {
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
  };
}
