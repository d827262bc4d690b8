import { setTimeout as delay } from 'node:timers/promises';

import { Inject, Injectable } from '@nestjs/common';

import { PROJECTOR } from '../common/ports.js';
import type { ProjectorStatus } from '../common/projector-status.js';
import { LeaseWatch } from '../projections/lease-watch.js';
import { ProjectionStates } from '../projections/projection-states.js';

/** A page takes well under a second; a projection that is behind and stands still for so long needs somebody to look. */
const STUCK_SECONDS = 30;

/**
 * Probes give up after a few seconds, and the driver of an engine that is away tries for longer than that: an engine that
 * has not answered by then is none that requests could be served from.
 */
const LONGEST_LOOK_MILLISECONDS = 3_000;

/** Whether requests would be served as they should. Being behind is no reason against it, standing still is. */
@Injectable()
export class Readiness {
  constructor(
    @Inject(PROJECTOR) private readonly projector: ProjectorStatus,
    private readonly lease: LeaseWatch,
    private readonly states: ProjectionStates,
  ) {}

  /** What speaks against it; empty when nothing does. */
  async reasons(): Promise<readonly string[]> {
    const notRunning = this.projector.notRunning();
    const seen = await this.#seenInTime();
    return notRunning === undefined ? seen : [notRunning, ...seen];
  }

  async #seenInTime(): Promise<readonly string[]> {
    const late = new AbortController();
    const tooLate = delay(LONGEST_LOOK_MILLISECONDS, ['the engines do not answer'], { signal: late.signal });
    tooLate.catch(() => undefined);
    return Promise.race([this.#seen(), tooLate]).finally(() => late.abort());
  }

  async #seen(): Promise<readonly string[]> {
    try {
      const noProjector = await this.lease.reason();
      if (noProjector !== undefined) return [noProjector];
      const states = await this.states.list();
      return states
        .filter(({ state, stuckSeconds }) => state === 'live' && stuckSeconds > STUCK_SECONDS)
        .map(
          (it) => `the projection ${it.projection} is behind and has not moved for ${Math.round(it.stuckSeconds)} s`,
        );
    } catch (error) {
      return [`the engines cannot be read: ${error instanceof Error ? error.message : String(error)}`];
    }
  }
}
