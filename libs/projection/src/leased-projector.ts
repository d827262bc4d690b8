import { isTesseraError } from '#core';

import { backOff } from './back-off.js';
import { LeaseKeeper, type HeldLease } from './lease-keeper.js';
import { Projector, type ProjectorOptions } from './projector.js';

/** Of the one lease that all projections of a store share. */
export const PROJECTOR_LEASE = 'projector';

export interface LeasedProjectorOptions extends Omit<ProjectorOptions, 'token'> {
  /** See `LeaseKeeperOptions.holder`. */
  readonly holder: string;
  readonly termMilliseconds?: number;
  /** Every projection may write from here on, until one of the others is called. */
  readonly onReady?: () => void;
  /** Another projector holds the lease, and does the work. */
  readonly onStandby?: () => void;
  /** It does not project, for a reason that passes: an engine is away, the lease was lost. */
  readonly onDown?: (reason: string) => void;
}

/**
 * Projects whenever this process holds the lease, until `signal` aborts: waits for the lease, runs the projector under
 * it, and waits again when it is lost or an engine was away. Throws what no repetition would mend.
 */
export async function projectUnderLease(options: LeasedProjectorOptions, signal: AbortSignal): Promise<void> {
  const { store, holder, termMilliseconds, report, onStandby, onDown } = options;
  const keeper = new LeaseKeeper({
    store,
    name: PROJECTOR_LEASE,
    holder,
    ...(termMilliseconds !== undefined && { termMilliseconds }),
    ...(report && { report }),
    ...(onStandby && { onStandby }),
    onAway: (error) => onDown?.(error.message),
  });
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    if (attempt > 0) await backOff(attempt, signal);
    const started = (): void => {
      attempt = 0;
    };
    try {
      await keeper.hold(signal, (held) => runUnder(options, held, started));
      if (!isAborted(signal)) onDown?.('the lease was lost');
    } catch (error) {
      const passes = isTesseraError(error) && (error.retryable || error.code === 'FENCED');
      if (!passes) throw error;
      report?.('the projector tries again', { code: error.code }, error);
      onDown?.(error.message);
    }
  }
}

/** One projector's life: from its start until the lease ends or another projector fences it. */
async function runUnder(options: LeasedProjectorOptions, held: HeldLease, started: () => void): Promise<void> {
  const fenced = new AbortController();
  const projector = new Projector({
    ...options,
    token: held.token,
    onFailed: (projection, error) => {
      if (isTesseraError(error, 'FENCED')) fenced.abort(error);
      else options.onFailed?.(projection, error);
    },
  });
  const end = AbortSignal.any([held.signal, fenced.signal]);
  const ended = new Promise<void>((resolve) => {
    if (end.aborted) resolve();
    else end.addEventListener('abort', () => resolve(), { once: true });
  });
  // Its start may take as long as a rebuild.
  const stopped = ended.then(() => projector.stop());
  try {
    await projector.start();
    if (!end.aborted) {
      started();
      options.onReady?.();
    }
    await stopped;
  } catch (error) {
    await projector.stop();
    throw error;
  }
}

/** Asked anew: the compiler takes the answer of before the wait for granted. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
