import type { Position } from '#core';

interface Waiter {
  readonly position: Position;
  readonly reached: () => void;
}

/** Those who wait until something has reached a position. */
export class PositionWaiters {
  readonly #waiters = new Set<Waiter>();

  /** Resolves to whether the position was reached within the time. */
  wait(position: Position, milliseconds: number): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (reached: boolean): void => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        resolve(reached);
      };
      const waiter: Waiter = { position, reached: () => end(true) };
      const timer = setTimeout(() => end(false), milliseconds);
      this.#waiters.add(waiter);
    });
  }

  reached(position: Position): void {
    for (const waiter of this.#waiters) if (waiter.position <= position) waiter.reached();
  }
}
