import { setTimeout as delay } from 'node:timers/promises';

const FIRST_MILLISECONDS = 50;
const LONGEST_MILLISECONDS = 5_000;

/** Waits before attempt `attempt + 1`: doubling from 50 ms to 5 s, with jitter, so that many do not return at once. */
export async function backOff(attempt: number, signal: AbortSignal, random: () => number = Math.random): Promise<void> {
  const longest = Math.min(LONGEST_MILLISECONDS, FIRST_MILLISECONDS * 2 ** Math.min(attempt, 10));
  try {
    await delay(longest * (0.5 + random() / 2), undefined, { signal });
  } catch {
    // Aborted: the caller looks at the signal.
  }
}
