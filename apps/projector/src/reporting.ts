import type { JsonObject } from '#core';
import { isKnownRejection } from '#engines';
import type { Logger } from '#observability';

/** What libs report goes to the log of the process: a warning when an error comes with it. */
export function reporting(logger: Logger): (message: string, details: JsonObject, error?: unknown) => void {
  return (message, details, error) => {
    if (error === undefined) logger.info(details, message);
    else logger.warn({ ...details, err: error }, message);
  };
}

/** Drivers reject promises that nobody can reach when their server dies; what nobody knows still ends the thread. */
export function surviveKnownRejections(logger: Logger): void {
  process.on('unhandledRejection', (reason) => {
    if (!isKnownRejection(reason)) throw reason;
    logger.warn({ err: reason }, 'a driver gave up a call that nobody waits for');
  });
}
