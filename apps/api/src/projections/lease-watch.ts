import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';

import { PROJECTOR_LEASE } from '#projection';
import type { Lease, ReadStore } from '#read-store';

import { READ_STORE } from '../common/ports.js';

const LOOK_MILLISECONDS = 1_000;
/** Longer than a takeover takes. */
const DEAD_MILLISECONDS = 20_000;

/** Sees from the lease whether a projector works somewhere, without knowing where. */
@Injectable()
export class LeaseWatch implements OnApplicationBootstrap, OnApplicationShutdown {
  #seen: Lease | undefined;
  #movedAt: number | undefined;
  #looking: NodeJS.Timeout | undefined;

  constructor(@Inject(READ_STORE) private readonly store: ReadStore) {}

  onApplicationBootstrap(): void {
    // A store that cannot be read is told by others.
    this.#looking = setInterval(() => void this.reason().catch(() => undefined), LOOK_MILLISECONDS);
  }

  onApplicationShutdown(): void {
    clearInterval(this.#looking);
  }

  /** Why nothing is projected; `undefined` when a projector works, or may for all that is known. */
  async reason(): Promise<string | undefined> {
    const lease = await this.store.lease(PROJECTOR_LEASE);
    const now = performance.now();
    if (this.#movedAt === undefined || lease?.epoch !== this.#seen?.epoch || lease?.beat !== this.#seen?.beat) {
      this.#movedAt = now;
    }
    this.#seen = lease;
    if (lease === undefined) return 'no projector has ever worked on this read store';
    if (lease.holder === '') return 'no projector works: the last one has stopped';
    const still = now - this.#movedAt;
    return still < DEAD_MILLISECONDS
      ? undefined
      : `no projector works: the last one was seen ${Math.round(still / 1_000)} s ago`;
  }
}
