import { Global, Module, type DynamicModule, type Provider } from '@nestjs/common';

import type { Clock, NamingSecret } from '#core';
import type { EventLog } from '#event-log';
import type { Logger, Metrics } from '#observability';
import type { ReadStore } from '#read-store';

import type { BatchSettings } from './config.js';
import { LiveView } from './live-view.js';
import {
  BATCH_SETTINGS,
  CLOCK,
  EVENT_LOG,
  LOGGER,
  METRICS,
  MINT_ID,
  NAMING_SECRET,
  PROJECTOR,
  READ_STORE,
  type MintId,
} from './ports.js';
import type { ProjectorStatus } from './projector-status.js';

/** What `serve` composes outside Nest and hands in. */
export interface Outside {
  readonly eventLog: EventLog;
  readonly readStore: ReadStore;
  readonly namingSecret: NamingSecret;
  readonly clock: Clock;
  readonly mintId: MintId;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly projector: ProjectorStatus;
  readonly batches: BatchSettings;
}

/** Makes the ports available to every module, under the tokens of `ports.ts`. */
@Global()
@Module({})
export class EnginesModule {
  static with(outside: Outside): DynamicModule {
    const ports: Provider[] = [
      { provide: EVENT_LOG, useValue: outside.eventLog },
      { provide: READ_STORE, useValue: outside.readStore },
      { provide: NAMING_SECRET, useValue: outside.namingSecret },
      { provide: CLOCK, useValue: outside.clock },
      { provide: MINT_ID, useValue: outside.mintId },
      { provide: LOGGER, useValue: outside.logger },
      { provide: METRICS, useValue: outside.metrics },
      { provide: PROJECTOR, useValue: outside.projector },
      { provide: BATCH_SETTINGS, useValue: outside.batches },
      LiveView,
    ];
    return { module: EnginesModule, providers: ports, exports: ports };
  }
}
