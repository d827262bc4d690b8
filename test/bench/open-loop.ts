/** Time as the schedule sees it; tests bring their own. Milliseconds, never going back. */
export interface LoopClock {
  now(): number;
  sleepUntil(time: number): Promise<void>;
}

export const realClock: LoopClock = {
  now: () => performance.now(),
  // Timers have whole milliseconds; up to one of them is in every latency measured from the intended time.
  sleepUntil: (time) => new Promise((resolve) => setTimeout(resolve, Math.max(0, time - performance.now()))),
};

export interface OpenLoop {
  readonly ratePerSecond: number;
  /** At most so many; fewer when `stopped` says so before. */
  readonly shots: number;
  readonly stopped: () => boolean;
}

/**
 * Fires at fixed times, whether or not earlier shots have been answered, and resolves when all have been. `shoot` gets
 * the time at which it was meant to go: measured from there, a service that stalls pays for every request that should
 * have gone out meanwhile. A closed loop would wait with it and see one slow answer ("coordinated omission").
 */
export async function openLoop(
  { ratePerSecond, shots, stopped }: OpenLoop,
  clock: LoopClock,
  shoot: (shot: number, intendedAt: number) => Promise<void>,
): Promise<void> {
  const start = clock.now();
  const intended = (shot: number): number => start + (shot * 1000) / ratePerSecond;
  const underWay: Promise<void>[] = [];
  let next = 0;
  while (next < shots && !stopped()) {
    for (const now = clock.now(); next < shots && intended(next) <= now; next += 1) {
      underWay.push(shoot(next, intended(next)));
    }
    if (next < shots) await clock.sleepUntil(intended(next));
  }
  await Promise.all(underWay);
}
