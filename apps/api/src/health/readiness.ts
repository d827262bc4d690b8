import { Inject, Injectable } from '@nestjs/common';

import { PROJECTOR } from '../common/ports.js';
import type { ProjectorStatus } from '../common/projector-status.js';
import { LeaseWatch } from '../projections/lease-watch.js';
import { ProjectionStates } from '../projections/projection-states.js';

/** A page takes well under a second; a projection that is behind and stands still for so long needs somebody to look. */
const STUCK_SECONDS = 30;

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
    return notRunning === undefined ? this.#seen() : [notRunning, ...(await this.#seen())];
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
