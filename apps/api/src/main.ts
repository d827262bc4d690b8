import 'reflect-metadata';

import { pathToFileURL } from 'node:url';

import { isTesseraError } from '#core';

import { serveConfig, type ServeOptions } from './common/config.js';
import { startService, type RunningService } from './serve.js';

export type { ServeOptions } from './common/config.js';
export type { RunningService } from './serve.js';

/**
 * Serves in this process until SIGTERM or SIGINT: prints `Tessera listens on URL` on stdout once it does. Settings that
 * `options` leaves out come from the environment (`TESSERA_…`). Throws a coded error when it cannot start.
 */
export async function serve(options: ServeOptions = {}): Promise<RunningService> {
  const service = await startService(serveConfig(options, process.env));
  endOnSignals(service);
  surviveStrayErrors(service);
  endWhenLost(service);
  process.stdout.write(`Tessera listens on ${service.url}\n`);
  return service;
}

/** The first signal ends in good order with status 0; who sends a second one does not want to wait for that. */
function endOnSignals(service: RunningService): void {
  const { logger } = service;
  let ending = false;
  const end = (signal: NodeJS.Signals): void => {
    if (ending) process.exit(1);
    ending = true;
    logger.info({ signal }, 'stopping');
    service.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'did not stop in good order');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
}

/** A process that cannot write its log is of no use: whoever watches over it starts another one. */
function endWhenLost({ lost, logger }: RunningService): void {
  void lost.then((error) => {
    logger.fatal({ err: error }, 'the event log is lost');
    process.exit(1);
  });
}

/** No request ends the process: what no handler caught is logged. What was acknowledged is with the log's own thread. */
function surviveStrayErrors({ logger }: RunningService): void {
  process.on('unhandledRejection', (reason) =>
    logger.error({ err: reason }, 'a promise was rejected and nobody cared'),
  );
  process.on('uncaughtException', (error) => logger.error({ err: error }, 'an error that nobody caught'));
}

function isEntry(): boolean {
  const entry = process.argv[1];
  return entry !== undefined && import.meta.url === pathToFileURL(entry).href;
}

if (isEntry()) {
  serve().catch((error: unknown) => {
    const text = isTesseraError(error)
      ? error.message
      : error instanceof Error
        ? (error.stack ?? error.message)
        : String(error);
    process.stderr.write(`${text}\n`);
    process.exitCode = 1;
  });
}
