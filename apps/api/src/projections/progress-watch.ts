import type { Position } from '#core';

interface Seen {
  readonly position: Position;
  /** Milliseconds since the epoch: when it was first seen at this position, behind. */
  readonly standsSince: number | undefined;
  /** When there was last nothing to do. */
  readonly caughtUpAt: number | undefined;
}

export interface Pace {
  readonly lagSeconds: number;
  /** How long it has been behind without moving; 0 while it moves or has nothing to do. */
  readonly stuckSeconds: number;
}

/** What is seen of a projection at one moment. */
export interface Sighting {
  readonly now: number;
  readonly position: Position;
  readonly head: Position;
  /** When the newest folded event was ingested. */
  readonly ingestedAt: number | undefined;
}

/** Remembers where projections were, because one look tells neither how long one waits nor whether it moves. */
export class ProgressWatch {
  readonly #seen = new Map<string, Seen>();

  see(name: string, { now, position, head, ingestedAt }: Sighting): Pace {
    const before = this.#seen.get(name);
    if (position >= head) {
      this.#seen.set(name, { position, standsSince: undefined, caughtUpAt: now });
      return { lagSeconds: 0, stuckSeconds: 0 };
    }
    const standsSince = (before?.position === position ? before.standsSince : undefined) ?? now;
    this.#seen.set(name, { position, standsSince, caughtUpAt: before?.caughtUpAt });
    // After an idle night the newest folded event is old, but what waits has come since the last look.
    const waitsSince = Math.max(ingestedAt ?? 0, before?.caughtUpAt ?? 0);
    return { lagSeconds: waitsSince === 0 ? 0 : (now - waitsSince) / 1_000, stuckSeconds: (now - standsSince) / 1_000 };
  }
}
