import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';

import { POSITION_START, type Clock, type Position } from '#core';
import type { EventLog } from '#event-log';
import type { ProjectionSample } from '#observability';
import { PARKED } from '#projection';
import type { ReadStore, RegistryEntry } from '#read-store';

import { CLOCK, EVENT_LOG, READ_STORE } from '../common/ports.js';
import { PROJECTION_NAMES } from './projection-names.js';
import { ProgressWatch } from './progress-watch.js';

/** Lag is told to within this, however rarely somebody asks. */
const LOOK_MILLISECONDS = 1_000;

export interface ProjectionState extends ProjectionSample {
  readonly state: 'live' | 'building' | 'retired';
  readonly position: Position;
  /** Of the log that a version in the building has folded, 0 to 1. */
  readonly ratio: number;
  readonly stuckSeconds: number;
}

/** How far every version of every projection is. */
@Injectable()
export class ProjectionStates implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #watch = new ProgressWatch();
  #looking: NodeJS.Timeout | undefined;

  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(READ_STORE) private readonly store: ReadStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    // What goes wrong is told to whoever asks.
    this.#looking = setInterval(() => void this.list().catch(() => undefined), LOOK_MILLISECONDS);
  }

  onApplicationShutdown(): void {
    clearInterval(this.#looking);
  }

  async list(): Promise<readonly ProjectionState[]> {
    const states: ProjectionState[] = [];
    for (const projection of PROJECTION_NAMES) {
      const entry = await this.store.registry(projection);
      if (entry === undefined) continue;
      for (const [version, state] of versionsOf(entry)) states.push(await this.#look(projection, version, state));
    }
    return states;
  }

  async #look(projection: string, version: number, state: ProjectionState['state']): Promise<ProjectionState> {
    const target = { projection, version };
    const checkpoint = await this.store.checkpoint(target);
    // After the checkpoint: the other way round a projection could seem to be ahead of its log.
    const head = await this.log.head();
    const position = checkpoint?.position ?? POSITION_START;
    const whole = this.log.distance(POSITION_START, head);
    const sighting = { now: this.clock.now(), position, head, ingestedAt: checkpoint?.ingestedAt };
    return {
      ...target,
      ...this.#watch.see(`${projection} ${version}`, sighting),
      state,
      position,
      lagPositions: position < head ? this.log.distance(position, head) : 0,
      ratio: whole === 0 ? 1 : Math.min(1, this.log.distance(POSITION_START, position) / whole),
      parked: checkpoint === undefined ? 0 : await this.store.reader(target).count(PARKED.name),
    };
  }
}

function versionsOf({ active, building, retired }: RegistryEntry): (readonly [number, ProjectionState['state']])[] {
  return [
    [active, 'live'],
    ...(building === undefined ? [] : [[building, 'building'] as const]),
    ...retired.map((version) => [version, 'retired'] as const),
  ];
}
