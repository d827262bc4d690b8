import { POSITION_START, TesseraError, type Clock, type JsonObject, type Position } from '#core';
import type { EventLogReader } from '#event-log';
import type { DocumentReader, ReadStore } from '#read-store';

import { compareVersions } from './compare.js';
import type { JobProgress } from './jobs.js';
import type { LiveProjection } from './live-projection.js';
import { PARKED_COLLECTION } from './parking.js';
import { ProgressReport } from './progress.js';
import type { AnyProjection } from './projection.js';
import { ProjectionRunner, type RunnerOptions } from './runner.js';
import { abandonBuilding, beginBuilding, switchTo } from './versions.js';

export interface RebuildContext {
  readonly log: EventLogReader;
  readonly store: ReadStore;
  readonly clock: Clock;
  readonly projection: AnyProjection;
  readonly live: LiveProjection;
  /** Epoch of the lease under which it is done. */
  readonly token?: number | undefined;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: JobProgress) => void;
}

/** Once the fresh version is this near in time, in rounds of catching up, the live one stands still for the rest. */
const CATCH_UP_ROUNDS = 3;

/**
 * Fills the next version from the log while the live one goes on, checks that it holds as many documents, and switches
 * in one write. Begun again after a restart, it goes on where it was. The version before stays for rollback.
 */
export async function rebuild(context: RebuildContext): Promise<JsonObject> {
  const { store, projection, live, signal } = context;
  const version = await beginBuilding(store, projection.name, projection.version);
  const target = { projection: projection.name, version };
  const before = live.version;
  const filled = await fill(context, target, 'stop').catch(async (error: unknown) => {
    if (error instanceof TesseraError && !error.retryable) await abandonBuilding(store, projection.name);
    throw error;
  });
  try {
    signal.throwIfAborted();
    const documents = await countDocuments(projection, store.reader(target));
    const replaced = await countDocuments(projection, store.reader({ ...target, version: before }));
    await live.stop();
    await switchTo(store, target);
    if (!signal.aborted) await live.start(version);
    return { ...filled, version, replaced: before, documents, documentsBefore: replaced };
  } finally {
    live.resume();
  }
}

/** Folds the whole log again into a version of its own and compares it, document by document, with the live one. */
export async function verify(context: RebuildContext): Promise<JsonObject> {
  const { store, projection, live, onProgress, clock } = context;
  const scratch = { projection: `${projection.name}__verify`, version: live.version };
  await store.drop(scratch);
  try {
    const filled = await fill(context, scratch, 'park');
    const report = new ProgressReport(clock, onProgress);
    const comparison = await compareVersions(
      [...projection.collections, PARKED_COLLECTION],
      store.reader({ projection: projection.name, version: live.version }),
      store.reader(scratch),
      (compared) => report.update('comparing', compared),
    );
    return { ...filled, ...comparison, differences: comparison.differences.map((difference) => ({ ...difference })) };
  } finally {
    live.resume();
    await store.drop(scratch);
  }
}

/** Folds into `version` up to where the live version is, which stands still afterwards. */
async function fill(
  context: RebuildContext,
  version: { readonly projection: string; readonly version: number },
  poison: RunnerOptions<unknown, unknown>['poison'],
): Promise<{ readonly events: number; readonly foldSeconds: number; readonly position: Position }> {
  const { log, store, clock, projection, live, token, signal, onProgress } = context;
  const report = new ProgressReport(clock, onProgress);
  let events = 0;
  let until = live.position;
  const runner = new ProjectionRunner({
    log,
    store,
    projection,
    version,
    poison,
    token,
    onCommitted: (page) => {
      events += page.events;
      const whole = log.distance(POSITION_START, until);
      report.update('folding', events, whole === 0 ? 1 : log.distance(POSITION_START, page.position) / whole);
    },
  });
  await runner.open();
  for (let round = 0; round < CATCH_UP_ROUNDS; round += 1) {
    await runner.run(signal, until);
    signal.throwIfAborted();
    until = live.position;
  }
  until = await live.pause();
  await runner.run(signal, until);
  signal.throwIfAborted();
  return { events, foldSeconds: report.elapsedSeconds, position: until };
}

async function countDocuments(projection: AnyProjection, reader: DocumentReader): Promise<JsonObject> {
  const counts: Record<string, number> = {};
  for (const { spec } of projection.collections) counts[spec.name] = await reader.count(spec.name);
  return counts;
}
