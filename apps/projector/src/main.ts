import 'reflect-metadata';

import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

import { ERROR_CATALOG, systemClock } from '#core';
import { isServerAway, openProjectorEngines, unencryptedConnections } from '#engines';
import { createLogger, HealthServer, Metrics, type Logger } from '#observability';
import { backOff } from '#projection';

import { projectorConfig, type ProjectorConfig, type ProjectorProcessOptions } from './config.js';
import { reporting, surviveKnownRejections } from './reporting.js';
import { runProjections } from './run-projections.js';

export type { ProjectorProcessOptions } from './config.js';

/** What did not end in good order by then is left: the fold is repeated by whoever comes next. */
const STOP_MILLISECONDS = 10_000;

/**
 * Projects in this process until SIGTERM or SIGINT, whenever it has the lease: prints `Tessera projects; health on URL`
 * on stdout once its health endpoints answer. Settings that `options` leaves out come from the environment. Throws a
 * coded error when it cannot start, or meets what no repetition would mend.
 */
export async function project(options: ProjectorProcessOptions = {}): Promise<void> {
  const config = projectorConfig(options, process.env);
  const logger = createLogger(config.logLevel, 'projector');
  for (const warning of unencryptedConnections(config)) logger.warn(warning);
  surviveKnownRejections(logger);
  const state = new State();
  const health = await serveHealth(config, state);
  const stopping = stopOnSignals(logger);
  process.stdout.write(`Tessera projects; health on http://${config.host}:${health.port}\n`);
  try {
    await run(config, logger, state, stopping);
  } finally {
    await health.close();
  }
}

/** What the health endpoints tell. */
class State {
  down: string | undefined = 'the projector is starting';

  reasons(): readonly string[] {
    return this.down === undefined ? [] : [this.down];
  }
}

function serveHealth({ host, port }: ProjectorConfig, state: State): Promise<HealthServer> {
  return HealthServer.listen({
    host,
    port,
    reasons: () => state.reasons(),
    metrics: new Metrics(),
    problem: () => {
      const { status, title } = ERROR_CATALOG.NOT_READY;
      const detail = 'This process projects. Requests are served by `tessera serve`.';
      return { type: 'urn:tessera:error:NOT_READY', title, status, code: 'NOT_READY', detail };
    },
  });
}

/** Goes on over engines that are away, at the start and later. */
async function run(config: ProjectorConfig, logger: Logger, state: State, signal: AbortSignal): Promise<void> {
  const report = reporting(logger);
  const holder = `${hostname()}-${process.pid}-${randomUUID()}`;
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    try {
      const engines = await openProjectorEngines({ settings: config, clock: systemClock, mintId: randomUUID, report });
      attempt = 0;
      try {
        await runProjections({ ...engines, holder }, hooksOf(state, report), signal);
      } finally {
        await engines.close();
      }
    } catch (error) {
      if (!isServerAway(error, config)) throw error;
      state.down = error.message;
      logger.warn({ err: error, attempt }, 'an engine is away: the projector waits for it');
      await backOff(attempt, signal);
    }
  }
}

function hooksOf(state: State, report: ReturnType<typeof reporting>) {
  const set = (down: string | undefined): void => {
    state.down = down;
  };
  return {
    report,
    onReady: () => set(undefined),
    onStandby: () => set(undefined),
    onDown: set,
    onFailed: (projection: string, error: unknown) =>
      set(`the projection ${projection} has failed: ${error instanceof Error ? error.message : String(error)}`),
  };
}

/** The first signal ends in good order; who sends a second one does not want to wait for that. */
function stopOnSignals(logger: Logger): AbortSignal {
  const stopping = new AbortController();
  const end = (signal: NodeJS.Signals): void => {
    if (stopping.signal.aborted) process.exit(1);
    logger.info({ signal }, 'stopping');
    stopping.abort();
    void delay(STOP_MILLISECONDS, undefined, { ref: false }).then(() => process.exit(1));
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  return stopping.signal;
}
