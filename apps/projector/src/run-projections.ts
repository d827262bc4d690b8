import { randomUUID } from 'node:crypto';

import type { JsonObject, NamingSecret } from '#core';
import type { EventLog } from '#event-log';
import { projectUnderLease } from '#projection';
import { batchesProjection, catalogProjection, profileProjection } from '#read-models';
import type { ReadStore } from '#read-store';

export interface ProjectorEngines {
  readonly eventLog: EventLog;
  readonly readStore: ReadStore;
  readonly namingSecret: NamingSecret;
  /** Who wants the lease; see `LeaseKeeperOptions.holder`. */
  readonly holder: string;
}

export interface ProjectorHooks {
  readonly report: (message: string, details: JsonObject, error?: unknown) => void;
  readonly onReady: () => void;
  readonly onStandby: () => void;
  readonly onDown: (reason: string) => void;
  readonly onFailed: (projection: string, error: unknown) => void;
}

/** Runs our projections whenever this process has the lease, until `signal` aborts. */
export function runProjections(engines: ProjectorEngines, hooks: ProjectorHooks, signal: AbortSignal): Promise<void> {
  const { eventLog, readStore, namingSecret, holder } = engines;
  const projections = [profileProjection(namingSecret), catalogProjection(), batchesProjection()];
  const work = { log: eventLog, store: readStore, projections, newId: randomUUID, holder };
  return projectUnderLease({ ...work, ...hooks }, signal);
}
