import { ERROR_CATALOG, type ErrorCode } from '#core';
import { CliError } from '../cli-error.js';
import type { HttpAnswer } from './http-call.js';
import { codeOf, problemOf } from './service-client.js';

/** Time as the retries see it; tests bring their own. */
export interface Waiting {
  /** Milliseconds from any origin, never going back. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}

export const realWaiting: Waiting = {
  now: () => performance.now(),
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
};

export interface RetryOptions {
  readonly waiting: Waiting;
  /** Give up when the service has not taken the request for this long. */
  readonly patienceMs: number;
  /** Told before every wait: why, and for how long. */
  readonly onRetry: (reason: string, waitMs: number) => void;
}

const FIRST_WAIT_MS = 100;
/** A restart of the service takes seconds: asking more rarely would only make the load stand still. */
const LONGEST_WAIT_MS = 5_000;

/**
 * Repeats a call that is safe to repeat until it is answered otherwise than with 429 or 503. Waits twice as long each
 * time, or for as long as `retry-after` says. Throws a `CliError` when patience is over or repeating cannot help.
 */
export async function untilTaken(
  call: () => Promise<HttpAnswer>,
  where: { readonly method: string; readonly path: string },
  options: RetryOptions,
): Promise<HttpAnswer> {
  const { waiting, patienceMs, onRetry } = options;
  const started = waiting.now();
  for (let attempt = 0; ; attempt += 1) {
    const outcome = await call().then(
      (answer) => ({ answer, reason: refusal(answer, where) }),
      (error: unknown) => ({ answer: undefined, reason: connectionProblem(error) }),
    );
    if (outcome.answer && outcome.reason === undefined) return outcome.answer;
    const reason = outcome.reason ?? 'no answer';
    const waitMs = retryAfterMs(outcome.answer) ?? Math.min(FIRST_WAIT_MS * 2 ** attempt, LONGEST_WAIT_MS);
    if (waiting.now() - started + waitMs > patienceMs) {
      throw new CliError(`gave up after ${Math.round(patienceMs / 1000)} s: ${reason}`);
    }
    onRetry(reason, waitMs);
    await waiting.sleep(waitMs);
  }
}

/** Why an answer asks for a repeat; `undefined` for an answer that counts. Throws when no repeat can help. */
function refusal(answer: HttpAnswer, where: { readonly method: string; readonly path: string }): string | undefined {
  if (answer.status !== 429 && answer.status !== 503) return undefined;
  const problem = problemOf(answer, where);
  if (problem.code in ERROR_CATALOG && !ERROR_CATALOG[problem.code as ErrorCode].retryable) throw problem;
  return problem.message;
}

/** Errors of a connection that a restarted service or a mended network cures. */
const PASSING = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
]);

function connectionProblem(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const silent = message.startsWith('no answer for');
  if (!PASSING.has(codeOf(error)) && !silent) throw error;
  return message === '' ? codeOf(error) : message;
}

function retryAfterMs(answer: HttpAnswer | undefined): number | undefined {
  const seconds = Number(answer?.headers['retry-after']);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}
