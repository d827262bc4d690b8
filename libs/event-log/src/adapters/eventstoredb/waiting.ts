import { setTimeout as sleep } from 'node:timers/promises';

/** An own deadline has passed: what was called may still happen. */
export class DeadlinePassed extends Error {
  override readonly name = 'DeadlinePassed';

  constructor(milliseconds: number) {
    super(`No answer within ${milliseconds} ms`);
  }
}

/**
 * Waits for an answer so long and no longer. The deadlines of the client end nothing while the server is frozen, so each
 * call needs one of our own. The signal tells the call that nobody waits any more; what comes later is dropped.
 */
export async function withDeadline<T>(milliseconds: number, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DeadlinePassed(milliseconds)), milliseconds);
  });
  const answer = call(abort.signal);
  try {
    return await Promise.race([answer, deadline]);
  } catch (error) {
    // With a reason of ours: the platform's own, a `DOMException`, costs more than the call.
    abort.abort(error);
    throw error;
  } finally {
    clearTimeout(timer);
    answer.catch(() => undefined);
  }
}

/** Pauses that double up to a bound, each shortened at random so that many callers do not come back together. */
export class BackOff {
  #next: number;

  constructor(
    private readonly first: number,
    private readonly longest: number,
    private readonly random: () => number = Math.random,
  ) {
    this.#next = first;
  }

  /** Ends early, without an error, when the signal aborts. */
  async pause(signal?: AbortSignal): Promise<void> {
    const milliseconds = this.#next * (0.5 + this.random() / 2);
    this.#next = Math.min(this.#next * 2, this.longest);
    await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
  }

  reset(): void {
    this.#next = this.first;
  }
}
