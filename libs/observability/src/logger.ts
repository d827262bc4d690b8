import { destination, pino, type Logger } from 'pino';

export type { Logger } from 'pino';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const STDERR = 2;

/**
 * JSON lines on stderr; stdout belongs to what the process was asked for. `part` says who speaks, as several threads of
 * a process share the stream. Written at once: what was logged is there even when the process dies next.
 */
export function createLogger(level: LogLevel, part: string): Logger {
  return pino({ level, base: { part } }, destination({ dest: STDERR, sync: true }));
}
